"""The way into the database: an engine whose connections give up in time instead of hanging."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url

from models import deadline

CONNECT_TIMEOUT_S = 3
# What a page elsewhere costs, to the next one. Postgres takes a disk that turns for granted, where it is four
# times as much, and sorts the rows of an hour by host rather than read them in the order of the primary key.
RANDOM_PAGE_COST = "1.1"

# A connection is closed and made anew after this long, so that a failover is noticed by idle workers too.
RECYCLE_S = 1800
# How long to wait for a connection of the pool when all of them are in use.
POOL_WAIT_S = 10
# A peer that stays silent is given up after 15 s + 3 * 5 s idle, and after 15 s with unanswered bytes.
KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a statement may run, may wait for a lock, and a transaction may sit idle."""

    statement: timedelta
    lock: timedelta
    idle_in_transaction: timedelta

    def parameters(self) -> dict[str, str]:
        """The settings of Postgres that say so, in milliseconds."""
        return {
            "statement_timeout": _milliseconds(self.statement),
            "lock_timeout": _milliseconds(self.lock),
            "idle_in_transaction_session_timeout": _milliseconds(self.idle_in_transaction),
        }


# What runs every few seconds must be over before it runs again.
TICK = Patience(timedelta(seconds=5), timedelta(seconds=2), timedelta(seconds=10))
# Roll-ups, cleanup and migrations may take their time, but do not hold anybody up for long.
CHORE = Patience(timedelta(minutes=10), timedelta(seconds=30), timedelta(minutes=2))


def make_engine(
    url: str | URL,
    *,
    application_name: str = "tocsin",
    patience: Patience = TICK,
    writes: bool = True,
    most: int = 4,
) -> Engine:
    """An engine that keeps two connections and has at most `most`; connects when first used, times are UTC.

    `url` is an SQLAlchemy URL (`postgresql+psycopg://…`); what its query string sets wins over what is set
    here. With `writes` a read-only server, as a standby after a failover, is refused like one that is down.
    Raises `sqlalchemy.exc.ArgumentError` when `url` is no URL.
    """
    url = make_url(url)
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": application_name,
        **KEEPALIVE,
    }
    if writes:
        arguments["target_session_attrs"] = "read-write"
    arguments = {name: value for name, value in arguments.items() if name not in url.query}
    arguments["options"] = _options(
        url, {"timezone": "UTC", "random_page_cost": RANDOM_PAGE_COST, **patience.parameters()}
    )
    engine = create_engine(
        url.difference_update_query(["options"]),
        connect_args=arguments,
        pool_size=2,
        max_overflow=most - 2,
        pool_timeout=POOL_WAIT_S,
        pool_recycle=RECYCLE_S,
        # The same one again and again: it has its statements prepared, and the server what it needs at hand.
        pool_use_lifo=True,
        pool_pre_ping=True,
        hide_parameters=True,
    )
    event.listen(engine, "do_connect", _connect)
    return engine


def _connect(_dialect: object, _record: object, words: list[Any], names: dict[str, Any]) -> Any:
    return deadline.Connection.connect(*words, **names)


def take_time(connection: Connection, patience: Patience = CHORE) -> None:
    """Give the transaction that `connection` is in other limits than its session has, until it ends."""
    connection.execute(_TAKE_TIME, patience.parameters())


def _options(url: URL, settings: dict[str, str]) -> str:
    """Settings for the start of a session, which costs no round trip; those of the URL come last and win."""
    given = url.query.get("options", ())
    ours = [f"-c {name}={value}" for name, value in settings.items()]
    return " ".join([*ours, *([given] if isinstance(given, str) else given)])


def _milliseconds(time: timedelta) -> str:
    return str(round(time.total_seconds() * 1000))


# In one round trip, for a chore takes its time in each of its transactions.
_LIMITS = ", ".join(f"set_config('{name}', :{name}, true)" for name in CHORE.parameters())
_TAKE_TIME = text(f"SELECT {_LIMITS}")
