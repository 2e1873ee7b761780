"""The chores: late is fine, lost is not."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from models import clock
from worker import rollups
from worker.celery import app
from worker.resources import Resources
from worker.retention import CleanupResult, Horizons, clean
from worker.rollups import Period, Rolled
from worker.tasks.base import Chore, TaskFailed


@app.task(name="aggregate.hourly", base=Chore, bind=True)
def hourly(self: Chore, since: str | None = None, until: str | None = None, *, force: bool = False) -> Any:
    """Roll up the hours that are due; or those from `since` to `until` (ISO 8601, UTC), by force if asked."""
    return _aggregate(self, Period.HOUR, since, until, force=force)


@app.task(name="aggregate.daily", base=Chore, bind=True)
def daily(self: Chore, since: str | None = None, until: str | None = None, *, force: bool = False) -> Any:
    """Roll up the days that are due; or those from `since` to `until` (ISO 8601, UTC), by force if asked."""
    return _aggregate(self, Period.DAY, since, until, force=force)


@app.task(name="cleanup.retention", base=Chore, bind=True)
def cleanup(self: Chore, *, dry_run: bool = False, vacuum: bool = False) -> Any:
    """Remove what is past its retention, or with `dry_run` only say what that would be."""
    return self.enter(partial(_clean, dry_run=dry_run, vacuum=vacuum), dry_run=dry_run, vacuum=vacuum)


def _clean(parts: Resources, *, dry_run: bool, vacuum: bool) -> CleanupResult:
    with parts.database.connect() as connection:
        now = clock.now(connection)
    return clean(parts.database, Horizons.of(parts.settings), now, dry_run=dry_run, vacuum=vacuum)


def _aggregate(task: Chore, period: Period, since: str | None, until: str | None, *, force: bool) -> Any:
    start, end = _time("since", since), _time("until", until)
    if start is None and (end is not None or force):
        raise TaskFailed("since is missing: until and force need the time from which to aggregate")
    work = partial(_roll_up, period, start, end, force=force)
    return task.enter(work, since=since, until=until, force=force)


def _roll_up(
    period: Period, start: datetime | None, end: datetime | None, parts: Resources, *, force: bool
) -> Rolled:
    if start is None:
        return rollups.catch_up(parts.database, period)
    with parts.database.connect() as connection:
        end = end or clock.now(connection)
    return rollups.aggregate(parts.database, period, start, end, force=force)


def _time(name: str, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise TaskFailed(f"{name}: {value!r:.80} is no time; write it as 2026-11-21T03:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
