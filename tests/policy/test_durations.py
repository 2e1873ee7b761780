"""Durations as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.durations import LONGEST, duration, spelt
from settings import FaultError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0),
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("1d", 86_400),
        ("1h30m", 5400),
        ("1h 30m", 5400),
        ("1d2h3m4s", 93_784),
        ("366d", 31_622_400),
    ],
)
def test_it_reads_what_people_write(text: str, seconds: int) -> None:
    assert duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "15",
        15,
        1.5,
        True,
        None,
        "15 minutes",
        "-5m",
        "1.5h",
        "30m1h",
        "m",
        "5M",
        "\u0665m",
        "1h1h",
        ["5m"],
    ],
)
def test_it_refuses_anything_else_and_shows_how_to_write_it(value: object) -> None:
    with pytest.raises(FaultError) as refused:
        duration(value)
    assert refused.value.fault.endswith("is not a duration")
    assert refused.value.remedy == "write it with its unit, such as 90s, 15m, 2h, 1h30m or 1d"


@pytest.mark.parametrize("text", ["367d", "366d1s", "999999999d", "999999999d999999999h"])
def test_it_refuses_more_than_a_year(text: str) -> None:
    with pytest.raises(FaultError, match="is longer than 366 days"):
        duration(text)


@given(st.integers(0, int(LONGEST.total_seconds())))
def test_what_it_spells_it_reads_again(seconds: int) -> None:
    length = timedelta(seconds=seconds)
    assert duration(spelt(length)) == length


@given(st.text(max_size=30) | st.from_regex(r"[0-9dhms ]{0,20}", fullmatch=True))
def test_any_text_is_a_duration_or_a_fault(text: str) -> None:
    try:
        length = duration(text)
    except FaultError:
        return
    assert timedelta(0) <= length <= LONGEST
