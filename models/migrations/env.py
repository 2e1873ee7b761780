"""How Alembic runs here: one transaction for everything, and one migration at a time."""

from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url

from models import Base
from models.migrations.scope import is_ours
from models.session import CHORE, make_engine, take_time

# Any number will do, as long as nothing else in the database uses it as an advisory lock.
LOCK = 0x70C51


def url() -> URL:
    """The database that the caller gave, or a maintainer with `alembic -x url=…`."""
    given: str | URL | None = context.config.attributes.get("url")
    given = given or context.get_x_argument(as_dictionary=True).get("url")
    if given is None:
        raise SystemExit("Which database? Add -x url=postgresql+psycopg://user@host/database")
    return make_url(given)


def run() -> None:
    engine = make_engine(url(), application_name="tocsin migrate", patience=CHORE)
    try:
        # The lock lives in a transaction of its own: it holds across commits of the migrations, behind a
        # pooler too, and goes when this process dies.
        with engine.begin() as gate, engine.connect() as connection:
            wait_for_turn(gate)
            migrate(connection)
    finally:
        engine.dispose()


def wait_for_turn(gate: Connection) -> None:
    gate.execute(text("SET LOCAL lock_timeout = 0"))
    gate.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    gate.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=is_ours,
        compare_server_default=True,
    )
    with context.begin_transaction():
        take_time(connection)
        context.run_migrations()


run()
