"""The schedule: ticks that two beats agree on, and a table in which every line leads somewhere."""

import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from beat_schedule import CANARIES, ENTRIES, QUEUES, SCHEDULE, Aligned
from domain.cadence import HEARTBEAT_INTERVAL, SILENCE
from domain.queues import SHARED

FIVE = timedelta(seconds=5)
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_two_schedulers_tick_at_the_same_moments_whenever_they_were_started() -> None:
    with time_machine.travel(NOON + timedelta(seconds=3.2), tick=False):
        for started in (NOON + timedelta(seconds=0.1), NOON + timedelta(seconds=3.1)):
            due, wait = Aligned(FIVE).is_due(started)
            assert not due
            assert wait == pytest.approx(1.8)


def test_a_tick_is_due_once_its_multiple_has_come() -> None:
    with time_machine.travel(NOON + timedelta(seconds=5.01), tick=False):
        due, wait = Aligned(FIVE).is_due(NOON + timedelta(seconds=0.02))
        assert due
        assert wait == pytest.approx(4.99)
        assert not Aligned(FIVE).is_due(NOON + timedelta(seconds=5.0)).is_due


def test_a_tick_may_come_so_long_after_the_multiple() -> None:
    schedule = Aligned(FIVE, after=timedelta(seconds=1))
    with time_machine.travel(NOON + timedelta(seconds=5.5), tick=False):
        assert not schedule.is_due(NOON + timedelta(seconds=1.1)).is_due
    with time_machine.travel(NOON + timedelta(seconds=6.1), tick=False):
        assert schedule.is_due(NOON + timedelta(seconds=1.1)).is_due


def test_a_clock_that_was_set_back_an_hour_silences_no_tick() -> None:
    with time_machine.travel(NOON, tick=False):
        assert Aligned(FIVE).is_due(NOON + timedelta(hours=1)).is_due


def test_a_schedule_survives_being_pickled() -> None:
    copy = pickle.loads(pickle.dumps(Aligned(FIVE, timedelta(seconds=1))))  # noqa: S301 - our own bytes
    assert (copy.every, copy.after) == (FIVE, timedelta(seconds=1))


def test_every_line_of_the_schedule_is_a_task_that_exists(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("REDIS_URL", f"unix://{tmp_path}/redis.sock")
    from worker.celery import app

    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == set(QUEUES)


def test_no_message_outlives_its_tick() -> None:
    for entry in ENTRIES:
        assert SCHEDULE[entry.task]["options"]["expires"] == entry.period.total_seconds()  # type: ignore[index]


def test_two_runs_of_one_tick_have_the_same_tick() -> None:
    hourly = next(entry for entry in ENTRIES if entry.task == "aggregate.hourly")
    assert hourly.tick(NOON + timedelta(minutes=2)) == hourly.tick(NOON + timedelta(minutes=59)) == NOON
    assert hourly.tick(NOON + timedelta(hours=1)) != hourly.tick(NOON)


@pytest.mark.parametrize(
    ("sent", "run", "tick"),
    [
        (timedelta(minutes=2), timedelta(minutes=2), 0),
        # It waited over the turn of the hour, behind a chore that took its time.
        (timedelta(minutes=2), timedelta(minutes=61), 0),
        (timedelta(minutes=59, seconds=59.9), timedelta(minutes=60), 0),
        # The clock of who sent it is wrong: it is ahead, and it lies back further than the message lives.
        (timedelta(minutes=61), timedelta(minutes=59), 0),
        (timedelta(minutes=2), timedelta(minutes=62), 1),
    ],
    ids=str,
)
def test_a_message_belongs_to_the_tick_for_which_it_was_sent(
    sent: timedelta, run: timedelta, tick: int
) -> None:
    hourly = next(entry for entry in ENTRIES if entry.task == "aggregate.hourly")
    ends = NOON + sent + hourly.expires
    assert hourly.tick_of(ends, NOON + run) == NOON + tick * timedelta(hours=1)


def test_without_a_message_the_time_of_the_run_decides() -> None:
    hourly = next(entry for entry in ENTRIES if entry.task == "aggregate.hourly")
    assert hourly.tick_of(None, NOON + timedelta(minutes=61)) == NOON + timedelta(hours=1)


@pytest.mark.parametrize("last_sample_s", range(0, 15, 5))
def test_a_silent_host_is_found_within_two_intervals_of_any_last_sample(
    last_sample_s: int,
) -> None:
    [check] = (entry for entry in ENTRIES if entry.task == "health.check")
    assert isinstance(check.when, Aligned)
    looks = [NOON + check.when.after + number * check.period for number in range(5)]
    last = NOON + timedelta(seconds=last_sample_s)
    found = next(at for at in looks if at - last > SILENCE)
    # Two seconds are left for writing it down and telling people.
    assert found - last <= 2 * HEARTBEAT_INTERVAL - timedelta(seconds=2)


def test_through_every_queue_something_comes_in_each_interval() -> None:
    often = {entry.queue for entry in (*ENTRIES, *CANARIES) if entry.period <= HEARTBEAT_INTERVAL}
    assert often == {*SHARED, "collect"}
