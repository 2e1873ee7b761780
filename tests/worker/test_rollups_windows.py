"""Hours and days are half-open intervals of UTC, wherever the person who asks lives."""

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.rollups import GRACE, Period, Window, windows

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
moments = st.integers(0, 2**31).flatmap(
    lambda seconds: st.sampled_from([UTC, ZoneInfo("Australia/Lord_Howe")]).map(
        lambda zone: datetime.fromtimestamp(seconds, zone)
    )
)


@given(moments, st.timedeltas(timedelta(seconds=1), timedelta(days=3)), st.sampled_from(Period))
def test_windows_cover_an_interval_without_gap_or_overlap(
    start: datetime, length: timedelta, period: Period
) -> None:
    end = start.astimezone(UTC) + length
    covered = windows(period, start, end)
    assert covered[0].start <= start < covered[0].end
    assert covered[-1].start < end <= covered[-1].end
    assert all(one.end == other.start for one, other in pairwise(covered))


def test_a_whole_hour_is_one_window() -> None:
    assert windows(Period.HOUR, NOON, NOON + timedelta(hours=1)) == [Window(NOON, Period.HOUR)]


def test_the_last_moment_of_a_day_belongs_to_it_and_midnight_to_the_next() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert Period.DAY.floor(midnight - timedelta(microseconds=1)) == datetime(2026, 11, 21, tzinfo=UTC)
    assert Period.DAY.floor(midnight) == midnight


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe"])
def test_a_day_in_which_clocks_change_has_twenty_four_hours(zone: str) -> None:
    for change in (
        datetime(2026, 3, 29, tzinfo=ZoneInfo(zone)),
        datetime(2026, 10, 4, tzinfo=ZoneInfo(zone)),
    ):
        day = windows(Period.DAY, change, change + timedelta(seconds=1))[0]
        assert len(windows(Period.HOUR, day.start, day.end)) == 24


@pytest.mark.parametrize("end", [NOON, NOON - timedelta(hours=1)])
def test_an_interval_that_is_empty_or_runs_backwards_is_refused(end: datetime) -> None:
    with pytest.raises(ValueError, match="the end must come after the start"):
        windows(Period.HOUR, NOON, end)


@pytest.mark.parametrize(("from_zone", "to_zone"), [(None, None), (UTC, None), (None, UTC)])
def test_a_time_without_a_zone_is_refused(from_zone: tzinfo | None, to_zone: tzinfo | None) -> None:
    end = NOON + timedelta(hours=1)
    with pytest.raises(ValueError, match="add Z for UTC"):
        windows(Period.HOUR, NOON.replace(tzinfo=from_zone), end.replace(tzinfo=to_zone))


def test_a_window_is_final_when_it_is_over_and_late_samples_had_time() -> None:
    window = Window(NOON, Period.HOUR)
    assert not window.final(window.end)
    assert not window.final(window.end + GRACE - timedelta(seconds=1))
    assert window.final(window.end + GRACE)
