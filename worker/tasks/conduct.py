"""Running a task: what every run does besides its work, wherever it was started."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import Any

import structlog
from pydantic_core import to_jsonable_python
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from beat_schedule import QUEUES
from domain.queues import SHARED
from models import clock
from models.base import Json
from settings import ConfigurationError
from worker import heartbeats, ledger
from worker.failing import told_of_failure
from worker.ledger import Outcome, Run
from worker.resources import Resources, resources
from worker.tasks.arguments import Refused
from worker.tasks.jobs import CHORES, EVENTS, SCHEDULERS, UNWRITTEN, Job, Order, masked

log = structlog.get_logger()


class TaskFailed(Exception):  # noqa: N818 - it says what is the case, in Flower too
    """The task could not do its work; the message is one sentence for the person who reads it."""

    outcome = "failed"


@dataclass(frozen=True, slots=True)
class Starter:
    """Who or what started a run; if a message asked for it, Celery's id of that, and when it expires."""

    origin: str
    task_id: str | None = None
    ends: datetime | None = None

    @property
    def scheduled(self) -> bool:
        return self.origin in SCHEDULERS

    @property
    def by_hand(self) -> bool:
        return not self.scheduled and self.origin not in EVENTS


def conduct(job: Job[Any], by: Starter, given: Mapping[str, object], further: Sequence[object] = ()) -> Any:
    """Run a task from what its message says and answer its result in the terms of JSON.

    `further` are arguments without names, which no task takes. Raises Refused when it was told nonsense, and
    TaskFailed, with one sentence, when what it needs is away.
    """
    began = perf_counter()

    def end(error: Exception) -> None:
        outcome: Outcome = "refused" if isinstance(error, Refused) else "failed"
        ended(job.name, by, outcome, perf_counter() - began, error=_sentence(error))

    try:
        with told_of_failure(end):
            outcome, result = _run(job, by, given, further)
    except (ConfigurationError, SQLAlchemyError, RedisError) as error:
        raise TaskFailed(_sentence(error)) from None
    ended(job.name, by, outcome, perf_counter() - began)
    return result


def ended(task: str, by: Starter, outcome: Outcome, seconds: float, *, error: str | None = None) -> None:
    """Every run of every task ends here, once, however it ended."""
    _count(task, outcome, seconds)
    if outcome in {"refused", "failed"}:
        log.warning(
            "task.ended",
            task=task,
            outcome=outcome,
            origin=by.origin,
            seconds=round(seconds, 3),
            reason=error,
        )


def _count(task: str, outcome: Outcome, seconds: float) -> None:
    try:
        resources().task_counter.count(task, outcome, seconds)
    except (ConfigurationError, RedisError) as error:
        # The work itself is done, and a count that lacks disturbs nobody.
        log.warning("task.not_counted", task=task, reason=type(error).__name__)


def _run(
    job: Job[Any], by: Starter, given: Mapping[str, object], further: Sequence[object]
) -> tuple[Outcome, Any]:
    parts = resources()
    try:
        order = _order(job, by, given, further)
    except Refused as refused:
        _enter_refusal(parts, job, by, given, str(refused))
        raise
    work = partial(job.work, parts, order)
    if not job.frequent or (by.by_hand and job.name not in UNWRITTEN):
        return _written(parts, job, by, order, work)
    return "done", _frequent(parts, job, by, work)


def _order(job: Job[Any], by: Starter, given: Mapping[str, object], further: Sequence[object]) -> Order[Any]:
    if further:
        names = ", ".join(job.arguments.model_fields) or "it has none"
        raise Refused(f"{job.name}: arguments are given by name ({names})")
    return Order(job.arguments.told(given, datetime.now(UTC)), by.origin)


def _written(
    parts: Resources, job: Job[Any], by: Starter, order: Order[Any], work: Callable[[], Any]
) -> tuple[Outcome, Any]:
    """A run with a line of its own in the ledger, one at a time."""
    entry = CHORES.get(job.name)
    tick = None
    if entry and by.scheduled:
        with parts.database.connect() as connection:
            tick = entry.tick_of(by.ends, clock.now(connection))
    run = Run(job.name, by.origin, order.told.plain(), tick, by.task_id)
    kept = ledger.keep(parts.database, run, work)
    return kept.outcome, kept.result


def _frequent(parts: Resources, job: Job[Any], by: Starter, work: Callable[[], Any]) -> Any:
    """A run of which only the minute's totals are kept."""
    began, arrived = perf_counter(), _arrived(job, by)
    with told_of_failure(lambda error: _enter_failure(parts, job, arrived, error, perf_counter() - began)):
        if job.lasting and arrived:
            with _at_once(parts.database) as connection:
                heartbeats.note(connection, arrived)
            arrived = {}
        result = to_jsonable_python(work())
    if job.name not in UNWRITTEN:
        seconds = perf_counter() - began
        detail = {"outcome": result, "ms": round(seconds * 1000, 1)}
        with _at_once(parts.database) as connection:
            ledger.enter_frequent(connection, job.name, seconds, arrived | {f"task:{job.name}": detail})
    return result


def _arrived(job: Job[Any], by: Starter) -> dict[str, Json]:
    """The parts of which a run that beat started is a sign of life, whatever becomes of it."""
    queue = QUEUES[job.name]
    return {"beat": {}, f"queue:{queue}": {}} if by.origin == "beat" and queue in SHARED else {}


@contextmanager
def _at_once(engine: Engine) -> Iterator[Connection]:
    """A connection on which each statement is a transaction of its own, which saves two round trips."""
    with engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def _enter_failure(
    parts: Resources, job: Job[Any], arrived: Mapping[str, Json], error: Exception, seconds: float
) -> None:
    if parts.engine is None:
        return
    try:
        with _at_once(parts.engine) as connection:
            ledger.enter_frequent(connection, job.name, seconds, arrived, error=_first_line(error))
    except SQLAlchemyError as away:
        log.warning("ledger.not_written", reason=_first_line(away))


def _enter_refusal(
    parts: Resources, job: Job[Any], by: Starter, given: Mapping[str, object], sentence: str
) -> None:
    if parts.engine is None:
        return
    run = Run(job.name, by.origin, masked(job.name, given), task_id=by.task_id)
    try:
        ledger.enter_refusal(parts.engine, run, sentence)
    except SQLAlchemyError as away:
        log.warning("ledger.not_written", reason=_first_line(away))


def _sentence(error: Exception) -> str:
    """What a person reads: of what is away which it is, of a bug its kind."""
    if isinstance(error, Refused | ConfigurationError):
        return str(error)
    if isinstance(error, SQLAlchemyError | RedisError):
        return f"{_which(error)}: {_first_line(error)}"
    return f"{type(error).__name__}: {error}"


def _which(error: Exception) -> str:
    if isinstance(error, RedisError):
        return "Redis"
    return "Postgres" if isinstance(error, DBAPIError) else "the database layer"


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:300]
