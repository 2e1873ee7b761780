"""Ticks stand at round places and say what they mean."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts.axes import period, time_ticks, value_axis

START = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)


def labels(*numbers: float, unit: str = "") -> list[str]:
    return [tick.label for tick in value_axis(numbers, unit, 4).ticks]


@pytest.mark.parametrize(
    ("numbers", "unit", "expected"),
    [
        ((3, 97), "%", ["0", "20", "40", "60", "80", "100"]),
        ((0.2, 3.1), "%", ["0", "2", "4", "6", "8", "10"]),
        ((0, 0), "", ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        ((10, 11), "GB", ["10.0", "10.2", "10.4", "10.6", "10.8", "11.0"]),
        ((0.01, 0.034), "ms", ["0.00", "0.01", "0.02", "0.03", "0.04"]),
        ((), "GB", ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ],
)
def test_values_stand_at_round_numbers(numbers: tuple[float, ...], unit: str, expected: list[str]) -> None:
    assert labels(*numbers, unit=unit) == expected


def test_an_axis_begins_at_zero_unless_nothing_could_be_told_apart() -> None:
    assert value_axis((2.0, 9.0), "GB", 4).low == 0
    assert value_axis((100.0, 104.0), "GB", 4).low == 100


def test_bytes_are_written_with_a_prefix_and_gigabytes_keep_theirs() -> None:
    axis = value_axis((0.0, 45_000_000.0), "B/s", 3)
    assert (axis.unit, [tick.label for tick in axis.ticks]) == ("MB/s", ["0", "20", "40", "60"])
    assert value_axis((0.0, 45_000.0), "GB", 3).unit == "GB"


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=9), st.sampled_from(["", "%", "B", "GB"]))
def test_every_number_is_on_its_axis(numbers: list[float], unit: str) -> None:
    axis = value_axis(tuple(numbers), unit, 4)
    slack = 1e-6 * max(1.0, abs(axis.low), abs(axis.high))
    assert axis.low - slack <= min(numbers) <= max(numbers) <= axis.high + slack
    assert 2 <= len(axis.ticks) <= 12


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(seconds=90), ["22:30:00", "22:30:30", "22:31:00", "22:31:30"]),
        (timedelta(hours=3), ["23:00", "22 Nov", "01:00"]),
        (timedelta(days=3), ["22 Nov", "23 Nov", "24 Nov"]),
        (timedelta(days=30), ["23 Nov", "7 Dec", "21 Dec"]),
        (timedelta(days=700), ["Apr 2027", "Oct 2027", "Apr 2028"]),
    ],
)
def test_times_stand_where_people_look_for_them(length: timedelta, expected: list[str]) -> None:
    assert [tick.label for tick in time_ticks(START, START + length, 4)] == expected


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=20_000)), st.integers(2, 12))
def test_never_more_ticks_than_there_is_room_for(length: timedelta, most: int) -> None:
    assert len(time_ticks(START, START + length, most)) <= most + 1


def test_a_period_says_as_much_as_is_needed_and_that_it_is_utc() -> None:
    assert period(START, START + timedelta(hours=1)) == "2026-11-21 22:30 to 23:30 UTC"
    assert period(START, START + timedelta(minutes=2)) == "2026-11-21 22:30:00 to 22:32:00 UTC"
    assert period(START, START + timedelta(hours=3)) == "2026-11-21 22:30 to 2026-11-22 01:30 UTC"
    assert period(START, START + timedelta(days=30)) == "2026-11-21 to 2026-12-21 UTC"
