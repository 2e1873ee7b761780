"""Which windows are due: the recent ones, those that late samples came for, and those that were missed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, insert, select

from models import RollupDue, RollupWindow, clock, partitions
from worker.rollups.windows import GRACE, Period, Window, windows

# What every run covers, by the client's schedule.
RECENT = {Period.HOUR: timedelta(hours=2), Period.DAY: timedelta(hours=48)}

# No run takes up more old windows than this, so that it ends; the next one goes on.
CATCH_UP = 48

# A note is taken some time before the window can be final, for the transaction that takes it may last.
CAUTION = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Due:
    """The windows to roll up now, in order, and how many more are left for later runs."""

    windows: tuple[Window, ...]
    left: int = 0


def mark_due(connection: Connection, stored: Iterable[datetime], *, now: datetime | None = None) -> int:
    """Note that samples of these times (aware) were stored, where that is too late for a window's roll-up.

    Call it in the transaction that stores them, after the inserts; most of the time it does nothing. `now` is
    the database's clock, which is asked when it is left out. Answers with the number of notes taken. A note
    is a new row each time, so that nobody waits for a roll-up that is at work, and none is lost to it.
    """
    times = set(stored)
    if not times:
        return 0
    now = now or clock.now(connection)
    if min(times) > now + CAUTION - GRACE:  # no window that they are in can be over for so long
        return 0
    touched = {Window(period.floor(at), period) for period in Period for at in times}
    late = sorted(window for window in touched if window.final(now + CAUTION))
    if late:
        connection.execute(
            insert(RollupDue), [{"period": window.period, "bucket": window.start} for window in late]
        )
    return len(late)


def due_windows(connection: Connection, period: Period, now: datetime) -> Due:
    """What a run of `aggregate.hourly` or `aggregate.daily` at `now` has to do.

    Recent windows come up until they are final. Beyond them, the oldest come first, at most 48 of them.
    """
    days = _days(connection)
    recent = [window for window in windows(period, now - RECENT[period], now) if _day(window) in days]
    done, late = _final(connection, period), _marked(connection, period)
    missed = {window for window in _held(days, period, now - RECENT[period]) if window.start not in done}
    old = sorted((missed | late) - set(recent))
    fresh = [window for window in recent if window.start not in done or window in late]
    return Due((*old[:CATCH_UP], *fresh), len(old[CATCH_UP:]))


def _days(connection: Connection) -> set[date]:
    """The days whose raw rows are there, or will be."""
    return {partition.day for partition in partitions.existing(connection)}


def _day(window: Window) -> date:
    return partitions.day_of(window.start)


def _final(connection: Connection, period: Period) -> set[datetime]:
    ledger = select(RollupWindow.bucket).where(RollupWindow.period == period, RollupWindow.final)
    return set(connection.scalars(ledger))


def _marked(connection: Connection, period: Period) -> set[Window]:
    notes = select(RollupDue.bucket).where(RollupDue.period == period).distinct()
    return {Window(bucket, period) for bucket in connection.scalars(notes)}


def _held(days: Iterable[date], period: Period, until: datetime) -> list[Window]:
    """The windows of these days that were over at `until`."""
    held = [window for day in days for window in windows(period, *partitions.bounds(day))]
    return [window for window in held if window.end <= until]
