"""The watchdog's one connection to Postgres, without SQLAlchemy, which weighs as much as the rest."""

from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.abc import PQGen

# A server that is frozen ends no statement and closes no connection.
ANSWERS_WITHIN_S = 5.0

R = TypeVar("R")

OPTIONS: dict[str, Any] = {
    "application_name": "tocsin watchdog",
    "connect_timeout": 2,
    "options": "-c timezone=UTC -c statement_timeout=5000 -c lock_timeout=2000",
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
    # A standby after a failover is refused like a server that is down.
    "target_session_attrs": "read-write",
}

# Whoever holds it watches; a second watchdog stands by.
ALONE = "SELECT pg_try_advisory_lock(hashtextextended('tocsin.watchdog', 0))"

SIGN_OF_LIFE = """
    INSERT INTO heartbeats AS h (component, instance, at, since, detail)
    VALUES ('watchdog', 'all', clock_timestamp(), clock_timestamp(), %(detail)s)
        ON CONFLICT (component, instance) DO UPDATE
       SET at = excluded.at, detail = excluded.detail,
           since = CASE WHEN abs(extract(epoch FROM excluded.at - h.at)) > %(gap)s
                        THEN excluded.at ELSE h.since END
"""


class Patient(psycopg.Connection[Any]):
    """A connection that waits for an answer for a while, and is closed when none comes."""

    def wait(self, gen: PQGen[R], interval: float = 0.1, timeout: float | None = None) -> R:
        try:
            return super().wait(gen, interval, ANSWERS_WITHIN_S if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - psycopg gives it no other name
            self.pgconn.finish()
            raise psycopg.OperationalError(f"it did not answer within {ANSWERS_WITHIN_S:g} s") from None


class Database:
    """Connects when it is needed, and anew after every error; raises psycopg.Error when it cannot."""

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._connection: Connection[Any] | None = None
        self._is_alone = False

    @property
    def connection(self) -> Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._is_alone = False
            self._connection = Patient.connect(self._url, autocommit=True, **OPTIONS)
        return self._connection

    def is_alone(self) -> bool:
        """Whether this is the one that watches; once it is, until its connection ends."""
        if self._connection is None or self._connection.closed or not self._is_alone:
            row = self.connection.execute(ALONE).fetchone()
            self._is_alone = row is not None and row[0]
        return self._is_alone

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
