"""What a run has to do: the recent, the late and the missed, and never more than it can."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from tests.worker.raw import DAY, HOUR, add_days
from worker.rollups import GRACE, Due, Period, Window, aggregate, due_windows, mark_due

NOW = HOUR + timedelta(hours=4, minutes=2)  # 14:02
ONE = timedelta(hours=1)


def _roll(engine: Engine, starts: Iterable[datetime], *, final: bool = True) -> None:
    """Pretend that these hours were rolled up."""
    entry = text("INSERT INTO rollup_windows VALUES ('hour', :start, :start, 10, :final)")
    with engine.begin() as connection:
        connection.execute(entry, [{"start": start, "final": final} for start in starts])


def _notes(engine: Engine) -> list[tuple[str, int]]:
    """The period and the hour of each window that samples came late for."""
    with engine.connect() as connection:
        notes = connection.execute(text("SELECT DISTINCT period, bucket FROM rollup_dues ORDER BY 1, 2"))
        return [(note.period, note.bucket.hour) for note in notes]


def _roll_until(engine: Engine, end: datetime) -> None:
    _roll(engine, [DAY + n * ONE for n in range((end - DAY) // ONE)])


def _mark(engine: Engine, *stored: datetime, now: datetime = NOW) -> int:
    with engine.begin() as connection:
        return mark_due(connection, stored, now=now)


def _due(engine: Engine, period: Period = Period.HOUR, now: datetime = NOW) -> Due:
    with engine.connect() as connection:
        return due_windows(connection, period, now)


def _hours(due: Due) -> list[int]:
    return [window.start.hour for window in due.windows]


def test_a_run_covers_the_last_two_hours_and_the_running_one(engine: Engine) -> None:
    add_days(engine)
    _roll_until(engine, HOUR + 2 * ONE)
    assert _hours(_due(engine)) == [12, 13, 14]


def test_a_daily_run_covers_the_last_two_days(engine: Engine) -> None:
    add_days(engine, DAY - timedelta(days=2), DAY)
    due = _due(engine, Period.DAY, DAY + timedelta(hours=3))
    assert [window.start for window in due.windows] == [DAY - timedelta(days=n) for n in (2, 1, 0)]


def test_a_new_installation_has_nothing_to_do(engine: Engine) -> None:
    assert _due(engine) == Due(())


def test_what_is_final_is_not_due(engine: Engine) -> None:
    add_days(engine)
    _roll_until(engine, HOUR + 2 * ONE)
    _roll(engine, [HOUR + 2 * ONE])
    _roll(engine, [HOUR + 3 * ONE], final=False)
    assert _hours(_due(engine)) == [13, 14]


def test_what_was_missed_since_the_first_day_that_is_kept_is_due_oldest_first(engine: Engine) -> None:
    add_days(engine)
    _roll_until(engine, HOUR)
    assert _hours(_due(engine)) == [10, 11, 12, 13, 14]


def test_an_hour_that_was_left_unfinished_is_due(engine: Engine) -> None:
    add_days(engine)
    _roll_until(engine, HOUR)
    _roll(engine, [HOUR], final=False)
    _roll(engine, [HOUR + ONE])
    assert _hours(_due(engine)) == [10, 12, 13, 14]


def test_a_run_takes_up_no_more_than_it_can_and_says_what_is_left(engine: Engine) -> None:
    add_days(engine, DAY - timedelta(days=3), DAY)
    due = _due(engine)
    assert len(due.windows) == 48 + 3
    assert due.windows[0].start == DAY - timedelta(days=3)
    assert due.left == 3 * 24 + 12 - 48


def test_late_samples_make_their_hour_and_their_day_due(engine: Engine) -> None:
    add_days(engine, DAY - timedelta(days=3), DAY)
    at = DAY - timedelta(days=3) + timedelta(hours=5, minutes=30)
    _roll(engine, [DAY - timedelta(days=3) + n * ONE for n in range(3 * 24 + 12)])
    assert _hours(_due(engine)) == [12, 13, 14]
    assert _mark(engine, at, at + timedelta(seconds=5)) == 2
    assert _hours(_due(engine)) == [5, 12, 13, 14]
    assert _due(engine).windows[0] == Window(Period.HOUR.floor(at), Period.HOUR)
    assert _due(engine, Period.DAY).windows[0] == Window(Period.DAY.floor(at), Period.DAY)


def test_a_day_that_is_final_says_nothing_of_its_first_hour(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO rollup_windows VALUES ('day', :at, :at, 10, true)"), {"at": DAY})
    _roll(engine, [DAY + n * ONE for n in range(1, 14)])
    assert _hours(_due(engine)) == [0, 14]


def test_a_roll_up_takes_the_notes_of_its_own_window_and_no_others(engine: Engine) -> None:
    add_days(engine)
    _mark(engine, DAY, DAY + 5 * ONE, now=DAY + timedelta(days=2))
    assert _notes(engine) == [("day", 0), ("hour", 0), ("hour", 5)]
    aggregate(engine, Period.HOUR, DAY, DAY + ONE)
    assert _notes(engine) == [("day", 0), ("hour", 5)]


def test_a_recent_hour_that_was_final_comes_up_again_when_samples_come_late(engine: Engine) -> None:
    add_days(engine)
    _roll_until(engine, HOUR + 4 * ONE)
    assert _hours(_due(engine)) == [14]
    _mark(engine, HOUR + 2 * ONE)
    assert _hours(_due(engine)) == [12, 14]


@pytest.mark.parametrize("at", [NOW, NOW - timedelta(seconds=5), Period.HOUR.floor(NOW)])
def test_samples_in_time_leave_no_note(engine: Engine, at: datetime) -> None:
    assert _mark(engine, at) == 0


def test_the_note_comes_before_the_window_can_be_final(engine: Engine) -> None:
    hour = Window(HOUR, Period.HOUR)
    early = hour.end + GRACE - timedelta(seconds=20)
    assert not hour.final(early)
    assert _mark(engine, HOUR, now=early) == 1
    assert _mark(engine, hour.end - timedelta(seconds=1), now=early) == 1
    assert _mark(engine, HOUR, now=hour.end) == 0


def test_a_late_sample_that_comes_beside_one_in_time_is_noted(engine: Engine) -> None:
    assert _mark(engine, NOW, HOUR, NOW - timedelta(seconds=5)) == 1


def test_no_samples_leave_no_note(engine: Engine) -> None:
    assert _mark(engine) == 0


def test_it_asks_the_database_for_the_time_when_it_is_not_told(engine: Engine) -> None:
    with engine.begin() as connection:
        assert mark_due(connection, [DAY - timedelta(days=100)]) == 2
