"""Reads the situation again and again beside the view, so that the view never waits for a server."""

from concurrent.futures import Future, ThreadPoolExecutor

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cli.view.reading import read
from cli.view.situation import Situation


class Watcher:
    """The newest situation, and why there is no newer one. It reads in a thread of its own."""

    def __init__(self, engine: Engine, redis: Redis, *, buttons_awaited: bool = False) -> None:
        self.latest: Situation | None = None
        self.trouble: str | None = None
        self._engine = engine
        self._redis = redis
        self._buttons_awaited = buttons_awaited
        self._thread = ThreadPoolExecutor(1, "watcher")
        self._reading: Future[Situation] | None = None

    def look(self) -> Situation | None:
        """Take what the last reading brought, begin the next one, and answer the newest situation."""
        if self._reading is not None and self._reading.done():
            self._take(self._reading)
            self._reading = None
        if self._reading is None:
            self._reading = self._thread.submit(
                read, self._engine, self._redis, buttons_awaited=self._buttons_awaited
            )
        return self.latest

    def close(self) -> None:
        """Stop reading; what is under way ends by its own timeout."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _take(self, reading: Future[Situation]) -> None:
        try:
            self.latest, self.trouble = reading.result(), None
        except SQLAlchemyError as error:
            self.trouble = f"PostgreSQL does not answer: {_first_line(getattr(error, 'orig', None) or error)}"
        except RedisError as error:
            self.trouble = f"Redis does not answer: {_first_line(error)}"


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
