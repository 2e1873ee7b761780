"""Beat under a clock that somebody sets."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery
from celery.beat import Scheduler
from celery.schedules import crontab

from beat_schedule import Aligned
from worker.beat import SteadyScheduler

NOON = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEDULE = {
    "often": {"task": "often", "schedule": Aligned(timedelta(seconds=5))},
    "seldom": {"task": "seldom", "schedule": Aligned(timedelta(seconds=15))},
    "a chore": {"task": "a chore", "schedule": crontab(minute="2")},
}

Beat = Callable[[type[Scheduler]], Scheduler]


@pytest.fixture
def beat() -> Iterator[Beat]:
    """Makes a beat of a kind that sends to a broker in memory."""
    app = Celery("beat", broker="memory://", set_as_current=False)
    app.conf.update(beat_schedule=SCHEDULE, beat_max_loop_interval=1, timezone="UTC", enable_utc=True)
    yield lambda kind: kind(app=app)
    app.close()


def lived(beat: Scheduler, clock: time_machine.Traveller, span: timedelta) -> Counter[str]:
    """What a beat sends in a span of its time, looking around as often as it does in service."""
    sent: Counter[str] = Counter()
    before = {name: entry.total_run_count for name, entry in beat.schedule.items()}
    for _ in range(round(span.total_seconds())):
        while beat.tick() == 0:
            pass
        clock.shift(timedelta(seconds=1))
    for name, entry in beat.schedule.items():
        sent[name] = entry.total_run_count - before[name]
    return sent


@pytest.mark.parametrize("back", [timedelta(seconds=60), HOUR, timedelta(days=400)], ids=str)
def test_a_clock_that_is_set_back_silences_nothing(beat: Beat, back: timedelta) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        steady = beat(SteadyScheduler)
        assert lived(steady, clock, timedelta(minutes=1)) == {"often": 12, "seldom": 4, "a chore": 0}
        clock.shift(-back)
        assert lived(steady, clock, timedelta(seconds=30)) == {"often": 6, "seldom": 2, "a chore": 0}


def test_a_chore_is_begun_again_when_the_hour_comes_a_second_time(beat: Beat) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        steady = beat(SteadyScheduler)
        assert lived(steady, clock, timedelta(minutes=3))["a chore"] == 1
        clock.shift(-HOUR)
        assert lived(steady, clock, HOUR)["a chore"] == 1


def test_stock_beat_would_be_silent_for_that_hour(beat: Beat) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        stock: Any = beat(Scheduler)
        lived(stock, clock, timedelta(minutes=1))
        clock.shift(-HOUR)
        assert not lived(stock, clock, timedelta(minutes=5)).total()


def test_a_clock_that_jumps_ahead_costs_no_more_than_the_ticks_that_never_were(beat: Beat) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        steady = beat(SteadyScheduler)
        lived(steady, clock, timedelta(minutes=1))
        clock.shift(HOUR)
        assert lived(steady, clock, timedelta(minutes=1))["often"] in (12, 13)


def test_beat_sleeps_until_the_next_tick_and_asks_once_when_it_has_come(beat: Beat) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        steady = beat(SteadyScheduler)
        while steady.tick() == 0:
            pass
        clock.shift(timedelta(seconds=3.5))
        # Stock beat would wake 10 ms early, and then ask without a pause.
        assert steady.tick() == pytest.approx(0.5)
        clock.shift(timedelta(seconds=0.5))
        assert steady.tick() == 0
