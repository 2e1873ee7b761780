"""Looks into the ledger: the runs of tasks, newest first, and the minutes of those that run often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, text

MOST = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs to list; None for all."""

    task: str | None = None
    outcome: str | None = None
    origin: str | None = None
    since: datetime | None = None
    most: int = MOST


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run; `seconds` is None while it runs, `said` is why it was skipped, refused or failed."""

    id: int
    task: str
    outcome: str
    origin: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    rows: int | None
    window: str | None
    arguments: dict[str, Any]
    said: str | None
    tick: datetime | None
    task_id: str | None


@dataclass(frozen=True, slots=True)
class Minute:
    """The runs of a frequent task that ended within one minute; times in milliseconds."""

    task: str
    minute: datetime
    runs: int
    failed: int
    average_ms: float
    longest_ms: float
    last_error: str | None


_RUNS = """
    SELECT id, task, outcome, origin, started_at, finished_at,
           extract(epoch FROM finished_at - started_at)::float AS seconds,
           rows, "window", arguments, coalesce(error, result->>'skipped') AS said, tick, task_id
      FROM task_runs
"""

LISTED = text(f"""{_RUNS}
     WHERE (CAST(:task AS text) IS NULL OR task = :task)
       AND (CAST(:outcome AS text) IS NULL OR outcome = :outcome)
       AND (CAST(:origin AS text) IS NULL OR origin ILIKE '%' || :origin || '%')
       AND started_at >= coalesce(:since, '-infinity'::timestamptz)
     ORDER BY started_at DESC, id DESC
     LIMIT :most
""")

ONE = text(f"{_RUNS} WHERE id::text = :wanted OR task_id = :wanted ORDER BY id DESC LIMIT 1")

RESULT = text("SELECT result FROM task_runs WHERE id = :id")

MINUTES = text("""
    SELECT task, minute, runs, failed, total_ms / runs AS average_ms, longest_ms, last_error
      FROM task_minutes
     WHERE (CAST(:task AS text) IS NULL OR task = :task)
       AND (NOT :only_failed OR failed > 0)
       AND minute >= coalesce(:since, '-infinity'::timestamptz)
     ORDER BY minute DESC, task
     LIMIT :most
""")


def listed(engine: Engine, wanted: Wanted | None = None) -> Sequence[ListedRun]:
    """The runs that are wanted, the newest first."""
    wanted = wanted or Wanted()
    asked = {name: getattr(wanted, name) for name in ("task", "outcome", "origin", "since", "most")}
    with engine.connect() as connection:
        return [_run(row) for row in connection.execute(LISTED, asked)]


def one(connection: Connection, wanted: str) -> tuple[ListedRun, Any] | None:
    """The run of this number, or of this id of Celery's, with its result; None if there is none."""
    row = connection.execute(ONE, {"wanted": wanted}).first()
    if row is None:
        return None
    return _run(row), connection.execute(RESULT, {"id": row.id}).scalar()


def minutes(
    connection: Connection, task: str | None, since: datetime | None, most: int, *, only_failed: bool
) -> Sequence[Minute]:
    """The minutes of frequent tasks, the newest first."""
    asked = {"task": task, "since": since, "most": most, "only_failed": only_failed}
    return [Minute(**row) for row in connection.execute(MINUTES, asked).mappings()]


def _run(row: Row[Any]) -> ListedRun:
    return ListedRun(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public way
