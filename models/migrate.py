"""Bringing the schema of a database up to date, or back: Alembic as four functions."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL, make_url

from models.session import CHORE, make_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: str | URL | Engine, revision: str = "head") -> None:
    """Migrate up to `revision`; does nothing when the schema is there already.

    Two at once are harmless: the second waits for the first. Raises `alembic.util.CommandError` for a
    revision that is unknown, to this code or because the database is ahead of it.
    """
    command.upgrade(config(database), revision)


def downgrade(database: str | URL | Engine, revision: str) -> None:
    """Migrate down to `revision`; `base` leaves nothing behind, and so deletes all data."""
    command.downgrade(config(database), revision)
    if current(database) is None:
        _forget(database)


def current(database: str | URL | Engine) -> str | None:
    """The revision of the schema of `database`, None for one that was never migrated."""
    engine = make_engine(_url(database), application_name="tocsin migrate")
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head() -> str:
    """The revision that this code wants."""
    revision = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if revision is None:
        raise RuntimeError(f"{MIGRATIONS} holds no migrations: the installation is incomplete, install anew")
    return revision


def config(database: str | URL | Engine) -> Config:
    """Alembic's configuration for our migrations and this database, for whatever else Alembic can do."""
    alembic = Config()
    alembic.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    alembic.set_main_option("path_separator", "os")
    # As an attribute and no option, because options are interpolated and passwords may hold a percent sign.
    alembic.attributes["url"] = _url(database)
    return alembic


def _url(database: str | URL | Engine) -> URL:
    return database.url if isinstance(database, Engine) else make_url(database)


def _forget(database: str | URL | Engine) -> None:
    """Drop Alembic's own table, which says nothing any more."""
    engine = make_engine(_url(database), application_name="tocsin migrate", patience=CHORE)
    try:
        with engine.begin() as connection:
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    finally:
        engine.dispose()
