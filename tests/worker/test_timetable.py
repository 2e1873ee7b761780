"""The timetable: what was due, what ran, and what is late."""

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, insert

import policy
import settings
from beat_schedule import CANARIES, ENTRIES
from models import TaskMinute, TaskRun, clock
from worker import heartbeats
from worker.collection import collect_system
from worker.recording import record_waiting
from worker.timetable import Seen, line, ticks, timetable

NOW = datetime(2026, 11, 25, 13, 0, 30, tzinfo=UTC)
BY_TASK = {entry.task: entry for entry in ENTRIES}
HOURLY, DELIVER = BY_TASK["aggregate.hourly"], BY_TASK["notifications.deliver"]
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("task", "since", "count"),
    [
        ("aggregate.hourly", NOW - 3 * HOUR, 3),
        ("aggregate.daily", NOW - timedelta(days=2), 2),
        ("notifications.deliver", NOW - MINUTE, 6),
        ("notifications.deliver", NOW, 0),
    ],
)
def test_ticks_are_counted_as_beat_gives_them(task: str, since: datetime, count: int) -> None:
    assert ticks(BY_TASK[task], since, NOW) == count


def test_what_ran_in_time_is_neither_late_nor_missed() -> None:
    ran = line(DELIVER, Seen(NOW - 4 * SECOND, "done", 360, NOW.replace(second=0) - HOUR), NOW)
    assert (ran.late, ran.missed, ran.due) == (timedelta(0), 0, 360)
    assert ran.next == NOW.replace(second=40)


def test_what_stopped_is_late_by_the_time_since_its_next_run_was_due() -> None:
    stopped = line(HOURLY, Seen(NOW - 3 * HOUR, "done", 1, NOW - 3 * HOUR), NOW)
    assert stopped.late == NOW - (NOW - 3 * HOUR).replace(minute=2, second=0)
    assert (stopped.due, stopped.missed) == (3, 2)


def test_what_never_ran_has_missed_nothing_that_is_known() -> None:
    never = line(HOURLY, Seen(), NOW)
    assert (never.last, never.late, never.missed, never.due) == (None, timedelta(0), 0, 0)


def test_it_is_read_from_the_ledger(engine: Engine) -> None:
    with engine.begin() as connection:
        for hours, outcome in ((2, "done"), (1, "failed")):
            tick = NOW.replace(minute=0, second=0) - hours * HOUR
            row = {"task": HOURLY.task, "tick": tick, "started_at": tick + 2 * MINUTE, "origin": "beat"}
            connection.execute(insert(TaskRun).values(row | {"outcome": outcome, "arguments": {}}))
        for minute in range(1, 6):
            at, runs = NOW - minute * MINUTE, 6 if minute != 3 else 4
            totals = {"task": DELIVER.task, "minute": at.replace(second=0), "runs": runs}
            connection.execute(
                insert(TaskMinute).values(totals | {"failed": 0, "total_ms": 1, "longest_ms": 1})
            )
        heartbeats.beat(connection, f"task:{DELIVER.task}", NOW - 5 * SECOND, {})
        lines = {one.task: one for one in timetable(connection, NOW)}
    assert set(lines) == {entry.task for entry in (*ENTRIES, *CANARIES)}
    assert (lines[HOURLY.task].outcome, lines[HOURLY.task].due, lines[HOURLY.task].missed) == ("failed", 2, 1)
    assert (lines[DELIVER.task].due, lines[DELIVER.task].missed) == (24, 2)
    assert lines["collect.system"].last is None


def test_what_has_just_been_collected_and_recorded_is_not_late(engine: Engine, redis: Redis) -> None:
    collect_system(redis, "web-1")
    record_waiting(engine, redis, policy.load(None, settings.load({})), consumer="web-1")
    with engine.connect() as connection:
        found = {one.task: one for one in timetable(connection, clock.now(connection))}
    for task in ("collect.system", "record.samples"):
        assert (found[task].outcome, found[task].late, found[task].missed) == ("done", timedelta(0), 0)
