"""Times as people type them: a moment in UTC, how long ago, or one that comes again."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.errors import USAGE, CommandError
from cli.silencing.recurrences import recurring, spelt
from cli.times import moment, since
from policy.windows import EVERY_DAY, Recurring

TOKYO = "2026-11-21T03:00+09:00"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-21", datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-21T03:00", datetime(2026, 11, 21, 3, tzinfo=UTC)),
        ("2026-11-21T03:00Z", datetime(2026, 11, 21, 3, tzinfo=UTC)),
        (TOKYO, datetime(2026, 11, 20, 18, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_utc_unless_it_names_its_zone(text: str, at: datetime) -> None:
    assert moment("--until", text) == since(text) == at


def test_how_long_ago_is_reckoned_back_from_now() -> None:
    before = datetime.now(UTC)
    found = since("24h")
    assert found is not None
    assert before <= found + timedelta(hours=24) <= datetime.now(UTC)
    assert since(None) is None


@pytest.mark.parametrize("text", ["yesterday", "24", "", "2026-13-01"])
def test_what_is_no_time_is_refused_with_the_option_and_how_to_write_it(text: str) -> None:
    with pytest.raises(CommandError, match=rf"^--since: '{text}' is no time; write how long ago") as refused:
        since(text)
    assert refused.value.code == USAGE
    with pytest.raises(CommandError, match=rf"^--until: '{text}' is no time; write it as 2026-11-21 or"):
        moment("--until", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22:00 8h", Recurring(time(22), timedelta(hours=8))),
        ("01:30 90m mon", Recurring(time(1, 30), timedelta(minutes=90), frozenset({0}))),
        ("22:00 8h Sat, sun", Recurring(time(22), timedelta(hours=8), frozenset({5, 6}))),
    ],
)
def test_a_time_that_comes_again_is_a_start_a_length_and_days(text: str, expected: Recurring) -> None:
    assert recurring("--every", text) == expected


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("22:00", "is no time that comes again"),
        ("", "is no time that comes again"),
        ("24:00 8h", "'24:00' is not a time of day"),
        ("22:00 25h", "'25h' is not longer than 0s and at most 1d"),
        ("22:00 8h sunday", "'sunday' is not a day of the week"),
    ],
)
def test_what_does_not_come_again_is_refused_with_how_to_write_it(text: str, fault: str) -> None:
    with pytest.raises(CommandError) as refused:
        recurring("--every", text)
    assert str(refused.value).startswith("--every: ")
    assert fault in str(refused.value)
    assert str(refused.value).endswith("without days it is every day")
    assert refused.value.code == USAGE


@given(
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(1, 24 * 60),
    st.frozensets(st.integers(0, 6), min_size=1),
)
def test_what_is_shown_can_be_typed_again(start: time, minutes: int, days: frozenset[int]) -> None:
    again = Recurring(start, timedelta(minutes=minutes), days)
    assert recurring("--every", spelt(again)) == again
    assert (" " in spelt(again).partition(" ")[2]) is (days != EVERY_DAY)
