"""Until when the work at hand may wait for Postgres, whatever Postgres does.

The limits of a session are kept by the server. One that is frozen ends nothing and closes nothing, and a
thread that waits for it cannot be killed: so each wait ends here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

R = TypeVar("R")

INTERVAL_S = 0.1  # psycopg's own: how often a wait looks for Ctrl-C

# On the monotonic clock; it is passed on to threads that are started by asyncio.to_thread.
_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """No wait for Postgres that begins in this block lasts longer than so many seconds from now.

    What waits then is ended with psycopg.OperationalError, and its connection is closed.
    """
    before = _DEADLINE.set(monotonic() + seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(before)


class Connection(psycopg.Connection[Any]):
    """A connection that waits no longer than the deadline of the work that uses it."""

    def wait(self, gen: PQGen[R], interval: float = INTERVAL_S, timeout: float | None = None) -> R:
        end = _DEADLINE.get()
        if end is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, max(0.0, end - monotonic()))
        except psycopg.errors._WaitTimeout:  # noqa: SLF001 - psycopg gives it no other name
            # Nobody knows what the server still does for it.
            self.pgconn.finish()
            raise psycopg.OperationalError("it did not answer within the time of this task") from None
