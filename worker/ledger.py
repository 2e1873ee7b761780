"""The ledger: a tick runs once, a task runs one at a time, and every run is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any, Literal

from pydantic_core import to_jsonable_python
from sqlalchemy import Connection, Engine, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from models import TaskRun, clock
from models.base import Json
from models.operations import CLAIMS
from worker import heartbeats
from worker.failing import told_of_failure

Outcome = Literal["done", "skipped", "failed", "refused"]

LONGEST_ERROR = 500

_FREQUENT = text(f"""
    WITH signs AS ({heartbeats.SIGNS})
    INSERT INTO task_minutes AS m (task, minute, runs, failed, total_ms, longest_ms, last_error)
    SELECT :task, date_trunc('minute', moment.now), 1, CAST(CAST(:error AS text) IS NOT NULL AS int),
           :ms, :ms, :error
      FROM ({clock.NOW.text}) AS moment (now)
        ON CONFLICT (task, minute) DO UPDATE
       SET runs = m.runs + 1, failed = m.failed + excluded.failed, total_ms = m.total_ms + excluded.total_ms,
           longest_ms = greatest(m.longest_ms, excluded.longest_ms),
           last_error = coalesce(excluded.last_error, m.last_error)
""")  # noqa: S608 - as SIGNS


@dataclass(frozen=True, slots=True)
class Run:
    """A run to be entered.

    `tick` is the tick of the schedule that it claims, None for one by hand; `task_id` is the message that
    asked for it, which a redelivery has in common with the first delivery.
    """

    task: str
    origin: str
    arguments: Json
    tick: datetime | None = None
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """How a run ended that raised nothing: `result` says why if it was skipped."""

    outcome: Outcome
    result: Any


def keep(engine: Engine, run: Run, work: Callable[[], Any]) -> Kept:
    """Do a task, one run at a time, and write down what came of it.

    `work` answers with a value whose attributes `rows` and `window`, if it has them, the ledger shows. A tick
    or a message that has been done, or a task that is running, is skipped: the result says by whom and since
    when.
    """
    with engine.connect() as holder:
        if not _alone(holder, run.task):
            return _skip(engine, run)
        run_id = _enter(engine, run)
        if run_id is None:
            return Kept("skipped", {"skipped": _done_before(run)})
        return Kept("done", _do(engine, run_id, work))


def enter_refusal(engine: Engine, run: Run, sentence: str) -> None:
    """Write down a run that was not begun because of what it was told."""
    with engine.begin() as connection:
        _enter_ended(connection, run, "refused", error=sentence)


def enter_frequent(
    connection: Connection,
    task: str,
    seconds: float,
    signs: Mapping[str, Json],
    *,
    error: str | None = None,
) -> None:
    """Add a run of a frequent task to the totals of its minute, with the signs of life that it gives.

    `error` is why it failed, None if it did not. One statement, as this is what every such run costs.
    """
    values = {"task": task, "ms": seconds * 1000, "error": error and error[:LONGEST_ERROR]}
    connection.execute(_FREQUENT, values | heartbeats.written(signs))


def _do(engine: Engine, run_id: int, work: Callable[[], Any]) -> Any:
    began = perf_counter()
    with told_of_failure(lambda error: _finish(engine, run_id, **_failure(error))):
        value = work()
    result = to_jsonable_python(value)
    shown = {name: getattr(value, name, None) for name in ("rows", "window")}
    if isinstance(result, dict):
        result |= {name: number for name, number in shown.items() if number is not None}
        result["took_s"] = round(perf_counter() - began, 3)
    _finish(engine, run_id, outcome="done", result=result, **shown)
    return result


def _failure(error: Exception) -> Json:
    """Who knows the outcome has a sentence for people; of any other error the kind may say more."""
    outcome = getattr(error, "outcome", None)
    sentence = str(error) if outcome else f"{type(error).__name__}: {error}"
    return {"outcome": outcome or "failed", "error": sentence[:LONGEST_ERROR]}


def _alone(holder: Connection, task: str) -> bool:
    """Take the task's lock for as long as the holder's transaction lives; a dead process lets go of it."""
    holder.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    taken = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"tocsin.task.{task}", 0)))
    return bool(holder.execute(taken).scalar_one())


def _enter(engine: Engine, run: Run) -> int | None:
    """Claim the tick, or the message; None when it is done already. The caller holds the task's lock."""
    with engine.begin() as connection:
        now = clock.now(connection)
        _bury(connection, run.task, now)
        entry = insert(TaskRun).values(_entry(run, now, "running"))
        by_tick = {"index_elements": [TaskRun.task, TaskRun.tick]}
        by_message = {"index_elements": [TaskRun.task_id], "index_where": text(CLAIMS)}
        again = {column: entry.excluded[column] for column in ("started_at", "origin", "outcome")}
        return connection.execute(
            entry.on_conflict_do_update(
                **by_tick if run.tick else by_message,
                set_=again | {"finished_at": None, "result": None, "error": None},
                where=TaskRun.outcome != "done",
            ).returning(TaskRun.id)
        ).scalar()


def _done_before(run: Run) -> str:
    if run.tick:
        return f"{run.task} has run for the tick of {run.tick:%Y-%m-%d %H:%M} UTC"
    return f"{run.task} has run for this very request, which was delivered twice"


def _bury(connection: Connection, task: str, now: datetime) -> None:
    """Whoever runs holds the lock; so what is still entered as running has died."""
    connection.execute(
        update(TaskRun)
        .where(TaskRun.task == task, TaskRun.outcome == "running")
        .values(finished_at=now, outcome="failed", error="its process died")
    )


def _finish(engine: Engine, run_id: int, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(TaskRun).where(TaskRun.id == run_id).values(finished_at=clock.now(connection), **values)
        )


def _skip(engine: Engine, run: Run) -> Kept:
    with engine.begin() as connection:
        running = connection.execute(
            select(TaskRun.started_at, TaskRun.origin)
            .where(TaskRun.task == run.task, TaskRun.outcome == "running")
            .order_by(TaskRun.id.desc())
            .limit(1)
        ).first()
        by = f"since {running.started_at:%H:%M:%S} UTC by {running.origin}" if running else "just now"
        result = {"skipped": f"running {by}"}
        _enter_ended(connection, run, "skipped", result=result)
    return Kept("skipped", result)


def _enter_ended(connection: Connection, run: Run, outcome: Outcome, **values: Any) -> None:
    """A run that was over before it began; it claims no tick."""
    now = clock.now(connection)
    entry = _entry(run, now, outcome) | {"tick": None, "finished_at": now}
    connection.execute(insert(TaskRun).values(entry | values))


def _entry(run: Run, now: datetime, outcome: str) -> Json:
    return {
        "task": run.task,
        "tick": run.tick,
        "task_id": run.task_id,
        "started_at": now,
        "origin": run.origin[:200],
        "outcome": outcome,
        "arguments": run.arguments,
    }
