"""Rolling up: one transaction per window, one runner at a time for each."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy import Connection, Engine, TextClause, text

from models import clock, partitions
from models.session import take_time
from worker.rollups import from_hours, ledger
from worker.rollups.due import due_windows
from worker.rollups.sources import SOURCES
from worker.rollups.statement import CUSTOM, statement
from worker.rollups.windows import Period, Window, windows

# Most windows are of days that are not packed, and the plan for those is half the other's.
STATEMENT = statement(SOURCES, CUSTOM)
OF_PACKED = statement([source.with_packed for source in SOURCES], CUSTOM)

# To compile the statement to machine code takes longer than to run it. And no window waits for the disk: the
# log is written in order, and the run's line in the ledger of tasks, which is waited for, comes after all of
# them. Where a crash takes a window, it takes its entry too, and the window is due again.
WITHOUT_WAITING = text("SELECT set_config('jit', 'off', true), set_config('synchronous_commit', 'off', true)")

# Told after each window: how many are done, of how many, and which it was.
Progress = Callable[[int, int, Window], None]

Outcome = Literal["rolled_up", "from_hours", "final", "without_raw"]


@dataclass(frozen=True, slots=True)
class Rolled:
    """What a run did, in numbers of windows unless said otherwise.

    `rows` counts rows of metric_aggregations that were written; `from_hours` are days without raw rows that
    were pooled from their hours; `already_final` were left alone because nothing new had come for them; of
    `without_raw` the raw rows are gone or never were, and what is rolled up stays; `left` wait for the next
    run.
    """

    period: str
    windows: int
    rolled_up: int
    rows: int
    already_final: int
    without_raw: int
    from_hours: int = 0
    left: int = 0
    first: str | None = None
    last: str | None = None

    @property
    def window(self) -> str | None:
        """From which window to which, for the ledger."""
        return f"{self.first} to {self.last}" if self.first else None


def aggregate(
    engine: Engine,
    period: Period,
    start: datetime,
    end: datetime,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Rolled:
    """Roll up the hours or days that the interval from `start` to `end` (aware, end excluded) touches.

    Final windows for which nothing new came are left alone, unless with `force`. Idempotent, and safe with
    two at once. It is on disk with the next commit that waits for it, such as that of `ledger.keep`. Raises
    ValueError for an interval that makes no sense.
    """
    return roll_up(engine, period, windows(period, start, end), force=force, progress=progress)


def catch_up(engine: Engine, period: Period, *, progress: Progress | None = None) -> Rolled:
    """Roll up whatever is due: what `aggregate.hourly` and `aggregate.daily` do."""
    with engine.connect() as connection:
        due = due_windows(connection, period, clock.now(connection))
    return roll_up(engine, period, due.windows, left=due.left, progress=progress)


def roll_up(
    engine: Engine,
    period: Period,
    wanted: Sequence[Window],
    *,
    left: int = 0,
    force: bool = False,
    progress: Progress | None = None,
) -> Rolled:
    """Roll up these windows, each in a transaction of its own, so that what is done stays done."""
    outcomes: Counter[Outcome] = Counter()
    rows = 0
    with engine.connect() as connection:
        days = {partition.day for partition in partitions.existing(connection)}
        connection.rollback()
        for number, window in enumerate(wanted, start=1):
            with connection.begin():
                outcome, written = _roll_up(connection, window, days, force=force)
            outcomes[outcome] += 1
            rows += written
            if progress:
                progress(number, len(wanted), window)
    return Rolled(
        period=str(period),
        windows=len(wanted),
        rolled_up=outcomes["rolled_up"],
        rows=rows,
        already_final=outcomes["final"],
        without_raw=outcomes["without_raw"],
        from_hours=outcomes["from_hours"],
        left=left,
        first=str(wanted[0]) if wanted else None,
        last=str(wanted[-1]) if wanted else None,
    )


def _roll_up(connection: Connection, window: Window, days: set[date], *, force: bool) -> tuple[Outcome, int]:
    take_time(connection)
    ledger.take_turn(connection, window)
    notes = ledger.notes(connection, window)
    if partitions.day_of(window.start) not in days:
        rows = _pool(connection, window) if window.period is Period.DAY else 0
        ledger.take_away(connection, notes)
        return ("from_hours", rows) if rows else ("without_raw", 0)
    if not (force or notes) and ledger.is_final(connection, window):
        return "final", 0
    rows = _compute(connection, window)
    ledger.take_away(connection, notes)
    return "rolled_up", rows


def _compute(connection: Connection, window: Window) -> int:
    connection.execute(WITHOUT_WAITING)
    length = round(window.period.length.total_seconds())
    packed = partitions.is_packed(connection, partitions.day_of(window.start))
    how = OF_PACKED if packed else STATEMENT
    return _write(connection, window, how, period=window.period, seconds=length)


def _pool(connection: Connection, day: Window) -> int:
    return _write(connection, day, from_hours.STATEMENT)


def _write(connection: Connection, window: Window, statement: TextClause, **more: object) -> int:
    """Run a statement for the window, and enter it in the ledger unless it had nothing to say."""
    now = clock.now(connection)
    times = {"start": window.start, "end": window.end, "now": now, "final": window.final(now)}
    rows = connection.execute(statement, {**times, **more}).rowcount
    if rows or statement is not from_hours.STATEMENT:
        ledger.enter(connection, window, now, rows)
    return rows
