"""A trend in one line: the same height is the same value, and what was not measured is a dot."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from notifications.notice import Trend
from notifications.trends import GAP, HEIGHTS, condensed, sparkline

SINCE = datetime(2027, 3, 1, 3, tzinfo=UTC)
VALUES = st.lists(st.none() | st.floats(-1e9, 1e9), max_size=200)


def line(*values: float | None, unit: str = "%", threshold: float = 90, width: int = 30) -> str:
    trend = Trend(since=SINCE, step=timedelta(minutes=1), values=values)
    return sparkline(trend, unit, threshold, width=width)


def test_the_heights_of_percent_go_from_nothing_to_all() -> None:
    assert line(0, 12.4, 12.5, 50, 87.4, 87.5, 100) == "▁▁▂▅▇██"


def test_a_calm_hour_is_low_and_does_not_look_like_a_mountain() -> None:
    assert set(line(3, 4, 5, 3)) == {"▁"}


def test_another_unit_ends_at_the_limit_or_above_it() -> None:
    assert line(4, 8, unit="", threshold=8) == "▅█"
    assert line(4, 8, 16, unit="", threshold=8) == "▃▅█"


def test_what_was_not_measured_is_a_dot_and_never_zero() -> None:
    assert line(None, 50, None) == f"{GAP}▅{GAP}"


def test_a_spike_survives_being_put_together_with_its_neighbours() -> None:
    values = [10.0] * 60
    values[31] = 99.0
    assert condensed(values, 30)[15] == 99.0
    assert line(*values).count("█") == 1


def test_nothing_at_all_is_an_empty_line() -> None:
    assert line() == ""


@given(VALUES, st.sampled_from(["%", "", "s"]), st.floats(0, 1e9))
def test_whatever_was_measured_the_line_is_short_and_of_nine_characters(
    values: list[float | None], unit: str, threshold: float
) -> None:
    drawn = line(*values, unit=unit, threshold=threshold)
    assert len(drawn) <= 30
    assert set(drawn) <= {*HEIGHTS, GAP}
