"""Numbers, spans and times are written the way that people read them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from notifications.quantities import clock, moment, number, quantity, span

AT = datetime(2026, 11, 21, 3, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (97.24, "%", "97.2 %"),
        (90.0, "%", "90 %"),
        (0.0, "%", "0 %"),
        (0.0123, "GB", "0.0123 GB"),
        (1240.0, "MB", "1,240 MB"),
        (-3.0, "", "-3"),
        (1e308, "%", "1e+308 %"),
        (float("nan"), "%", "no number"),
        (float("-inf"), "%", "no number"),
        (20.0, "s", "20 s"),
        (119.0, "s", "119 s"),
        (120.0, "s", "2 min"),
        (0.05, "GB", "0.1 GB"),
        (1e12, "B", "1e+12 B"),
        (999_999_999_999.0, "B", "999,999,999,999 B"),
        (3725.0, "s", "1 h 2 min"),
        (1e300, "s", "11574 d 1 h"),
        (1234.0, "ms", "1,234 ms"),
    ],
)
def test_a_quantity_has_its_unit_and_no_more_digits_than_it_needs(
    value: float, unit: str, shown: str
) -> None:
    assert quantity(value, unit) == shown


def test_what_is_no_number_says_so_without_a_unit_too() -> None:
    assert number(float("inf")) == "no number"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (63, "1 min 3 s"),
        (299, "4 min 59 s"),
        (300, "5 min"),
        (301, "5 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (7260, "2 h 1 min"),
        (86_400, "1 d"),
        (183_600, "2 d 3 h"),
    ],
)
def test_a_span_has_its_two_largest_parts(seconds: float, shown: str) -> None:
    assert span(timedelta(seconds=seconds)) == shown


def test_a_time_is_in_utc_and_says_so() -> None:
    tokyo = AT.astimezone(timezone(timedelta(hours=9)))
    assert moment(tokyo) == "2026-11-21 03:12:05 UTC"
    assert clock(tokyo, AT) == "03:12 UTC"


def test_a_time_of_another_day_has_its_date() -> None:
    assert clock(AT - timedelta(hours=4), AT) == "2026-11-20 23:12 UTC"
