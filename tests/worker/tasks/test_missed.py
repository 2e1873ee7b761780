"""Beat was dead for hours or days: one tick of each chore, and nothing is missing that should be there."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

import worker.tasks  # noqa: F401 - it declares every task
from models import partitions
from tests.moving_clock import MovingClock
from tests.worker.raw import add_days, add_hosts, add_system
from worker.resources import resources
from worker.rollups import Period, Window, aggregate
from worker.rollups.windows import windows
from worker.tasks.conduct import Starter, conduct
from worker.tasks.jobs import CHORES, JOBS

RAW_DAYS = 4
HOURS, DAYS = timedelta(hours=3), timedelta(days=2)
SAMPLES = timedelta(minutes=20)
FINAL = text("SELECT period, bucket FROM metric_aggregations WHERE metric_id = 1 AND final")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def first(now: datetime) -> datetime:
    """The first day of which there is raw history: it is past its horizon two days before `now`, too."""
    return Period.DAY.floor(now) - timedelta(days=RAW_DAYS + 3)


@pytest.fixture
def clock(
    engine: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch, now: datetime, first: datetime
) -> Iterator[MovingClock]:
    """A process with its environment, whose database has a sample every 20 minutes up to now."""
    url = engine.url.render_as_string(hide_password=False)
    for name, value in {
        "DATABASE_URL": url,
        "REDIS_URL": redis_url,
        "RETENTION_RAW_DAYS": str(RAW_DAYS),
    }.items():
        monkeypatch.setenv(name, value)
    resources.cache_clear()
    clock = MovingClock()
    clock.drives(resources().database)
    add_days(engine, first, now)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        times = [first + n * SAMPLES for n in range((now - first) // SAMPLES)]
        add_system(connection, [{"host_id": host_id, "ts": at, "cpu_percent": 50} for at in times])
    yield clock
    resources().database.dispose()
    resources.cache_clear()


def tick(chores: Sequence[str]) -> None:
    """What beat asks for, once each; a daily chore may have been done today before beat died."""
    for task in chores:
        conduct(JOBS[task], Starter("beat"), {})


def rolled_up(engine: Engine) -> set[Window]:
    """The windows of which there is a final roll-up."""
    with engine.connect() as connection:
        return {Window(row.bucket, Period(row.period)) for row in connection.execute(FINAL)}


def over(first: datetime, now: datetime) -> set[Window]:
    """The windows in which there were samples, and which can be final."""
    every = {window for period in Period for window in windows(period, first, now)}
    return {window for window in every if window.final(now)}


def raw_days(engine: Engine) -> list[date]:
    with engine.connect() as connection:
        return sorted({one.day for one in partitions.existing(connection)})


@pytest.mark.parametrize(
    ("dead", "chores"),
    [(HOURS, [*CHORES]), (DAYS, [*CHORES]), (DAYS, [*reversed(CHORES)])],
    ids=["hours", "days", "days, and the cleanup is first"],
)
def test_one_tick_of_each_chore_makes_up_for_the_time_in_which_nobody_ran_them(
    engine: Engine, clock: MovingClock, now: datetime, first: datetime, dead: timedelta, chores: list[str]
) -> None:
    clock.offset = -dead
    for period in Period:
        aggregate(resources().database, period, first, now - dead)
    tick(list(CHORES))
    assert rolled_up(engine) == over(first, now - dead)
    clock.offset = timedelta(0)
    tick(chores)
    assert rolled_up(engine) == over(first, now)
    today = Period.DAY.floor(now).date()
    assert raw_days(engine)[0] == today - timedelta(days=RAW_DAYS)
    assert raw_days(engine)[-1] == today + timedelta(days=partitions.DAYS_AHEAD)
