"""What every task does besides its work: speak in the log, leave a sign of life, fail in one sentence."""

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from time import perf_counter
from typing import Any

import structlog
from celery import Task
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from beat_schedule import ENTRIES
from models import clock
from settings import ConfigurationError
from worker import heartbeats
from worker.ledger import Run, keep
from worker.resources import Resources, resources

log = structlog.get_logger()

CHORES = {entry.task: entry for entry in ENTRIES if entry.chore}


class TaskFailed(Exception):  # noqa: N818 - it says what is the case, in Flower too
    """The task could not do its work; the message is one sentence for the person who reads it."""


class TocsinTask(Task):  # type: ignore[type-arg] # the stubs make it generic, Celery does not
    """The base of every task."""

    abstract = True
    # Expected failures are one line in the log, not a traceback.
    throws = (TaskFailed,)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with structlog.contextvars.bound_contextvars(task=self.name, task_id=self.request.id):
            try:
                return super().__call__(*args, **kwargs)
            except ConfigurationError as error:
                raise TaskFailed(str(error)) from None
            except (SQLAlchemyError, RedisError) as error:
                raise TaskFailed(f"{_which(error)}: {_first_line(error)}") from None

    @property
    def origin(self) -> str:
        """Who or what started this run."""
        return str(getattr(self.request, "origin", None) or "hand")


class Chore(TocsinTask):
    """The base of a chore: entered in the ledger, one run at a time, with a result that people can read."""

    abstract = True
    ignore_result = False
    # A backfill of a month may take its time; one that hangs is ended before Redis hands it out again.
    soft_time_limit = 3300
    time_limit = 3600

    def enter(self, work: Callable[[Resources], Any], **arguments: Any) -> Any:
        """Run through the ledger; `work` answers with a frozen value that becomes the result."""
        parts = resources()
        with parts.database.connect() as connection:
            now = clock.now(connection)
        tick = CHORES[self.name].tick(now) if self.origin == "beat" else None
        run = Run(self.name, self.origin, arguments, tick)
        return keep(parts.database, run, lambda: _plain(work(parts)))


def alive(task: TocsinTask, outcome: Any, began: float) -> Any:
    """Leave a sign of life of a frequent task, and of beat if it was beat's; answer the plain outcome."""
    detail = {"outcome": _plain(outcome), "ms": round((perf_counter() - began) * 1000, 1)}
    with resources().database.begin() as connection:
        now = clock.now(connection)
        heartbeats.beat(connection, f"task:{task.name}", now, detail)
        if task.origin == "beat":
            heartbeats.beat(connection, "beat", now, {})
    return detail["outcome"]


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _which(error: Exception) -> str:
    if isinstance(error, RedisError):
        return "Redis"
    return "Postgres" if isinstance(error, DBAPIError) else "the database layer"


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:300]
