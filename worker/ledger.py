"""The ledger of chores: a tick runs once, a chore runs one at a time, and every run is written down."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from models import TaskRun, clock
from models.base import Json


@dataclass(frozen=True, slots=True)
class Run:
    """A run to be entered: `tick` is the tick of the schedule that it claims, None for one by hand."""

    task: str
    origin: str
    arguments: Json
    tick: datetime | None = None


def keep(engine: Engine, run: Run, work: Callable[[], Json]) -> Json:
    """Do a chore, one run at a time, and write down what came of it; answer its result.

    A tick that is claimed, or a chore that is running, is skipped: the answer says by whom and since when.
    """
    with engine.connect() as holder:
        if not _alone(holder, run.task):
            return _skipped(engine, run)
        run_id = _enter(engine, run)
        if run_id is None:
            return {"skipped": f"{run.task} has run for the tick of {run.tick:%Y-%m-%d %H:%M} UTC"}
        return _do(engine, run_id, work)


def _do(engine: Engine, run_id: int, work: Callable[[], Json]) -> Json:
    try:
        result = work()
    except Exception as error:
        _finish(engine, run_id, "failed", {"error": f"{type(error).__name__}: {error!s:.500}"})
        raise
    _finish(engine, run_id, "done", result)
    return result


def _alone(holder: Connection, task: str) -> bool:
    """Take the chore's lock for as long as the holder's transaction lives; a dead process lets go of it."""
    holder.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
    taken = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"tocsin.task.{task}", 0)))
    return bool(holder.execute(taken).scalar_one())


def _enter(engine: Engine, run: Run) -> int | None:
    """Claim the tick; None when it is done already. The caller holds the chore's lock."""
    with engine.begin() as connection:
        now = clock.now(connection)
        _bury(connection, run.task, now)
        entry = insert(TaskRun).values(
            task=run.task,
            tick=run.tick,
            started_at=now,
            origin=run.origin,
            outcome="running",
            arguments=run.arguments,
        )
        return connection.execute(
            entry.on_conflict_do_update(
                index_elements=[TaskRun.task, TaskRun.tick],
                set_={"started_at": now, "finished_at": None, "outcome": "running", "result": None},
                where=TaskRun.outcome != "done",
            ).returning(TaskRun.id)
        ).scalar()


def _bury(connection: Connection, task: str, now: datetime) -> None:
    """Whoever runs holds the lock; so what is still entered as running has died."""
    connection.execute(
        update(TaskRun)
        .where(TaskRun.task == task, TaskRun.outcome == "running")
        .values(finished_at=now, outcome="failed", result={"error": "its process died"})
    )


def _finish(engine: Engine, run_id: int, outcome: str, result: Json) -> None:
    with engine.begin() as connection:
        connection.execute(
            update(TaskRun)
            .where(TaskRun.id == run_id)
            .values(finished_at=clock.now(connection), outcome=outcome, result=result)
        )


def _skipped(engine: Engine, run: Run) -> Json:
    with engine.begin() as connection:
        running = connection.execute(
            select(TaskRun.started_at, TaskRun.origin)
            .where(TaskRun.task == run.task, TaskRun.outcome == "running")
            .order_by(TaskRun.id.desc())
            .limit(1)
        ).first()
        now = clock.now(connection)
        by = f"since {running.started_at:%H:%M:%S} UTC by {running.origin}" if running else "just now"
        result = {"skipped": f"running {by}"}
        connection.execute(
            insert(TaskRun).values(
                task=run.task,
                started_at=now,
                finished_at=now,
                origin=run.origin,
                outcome="skipped",
                arguments=run.arguments,
                result=result,
            )
        )
    return result
