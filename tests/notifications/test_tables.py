"""The tables of a message: what was before, who knows, who is next, what an end has to say."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.alerts import EventKind
from notifications.notice import Background, BusyProcess, Coming, Notice, Past, Told
from notifications.placeholders import placeholders
from notifications.tables import coming, missing, past, rows, told
from tests.notifications.examples import BARE, FULL, OPENED, notice

HOUR = timedelta(hours=1)


def known(**parts: Any) -> Notice:
    """The bare notice with a background."""
    return replace(BARE, background=Background(**parts))


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (None, None),
        (Past(days=30, times=0), "not once in the 30 days before"),
        (Past(days=30, times=1, median=HOUR), "once in the 30 days before, over within 1 h"),
        (Past(days=30, times=1), "once in the 30 days before"),
        (
            Past(days=30, times=1234, median=HOUR),
            "1,234 times in the 30 days before, half of them over within 1 h",
        ),
    ],
)
def test_how_often_it_happened_is_said_as_people_say_it(before: Past | None, words: str | None) -> None:
    assert past(known(past=before)) == words


def test_who_was_told_has_a_time_and_who_is_told_now_has_none() -> None:
    both = (Told(destination="slack", at=OPENED - 25 * HOUR), Told(destination="email", addresses=3))
    assert told(known(told=both)) == "slack 2026-11-20 02:13 UTC; email (3 addresses) now"
    assert told(known()) is None


def test_many_who_were_told_are_counted() -> None:
    many = tuple(Told(destination=f"d{number}") for number in range(9))
    words = told(known(told=many))
    assert words is not None
    assert words.endswith("d5 now; and 3 more")


def test_what_comes_has_a_time_where_there_is_one() -> None:
    after = (Coming(OPENED + HOUR, "a reminder"), Coming(None, "anna has it"))
    assert list(coming(known(coming=after))) == ["04:13 UTC, a reminder", "anna has it"]


def test_what_is_missing_is_named() -> None:
    assert missing(known(missing=("the last hour", "who was told"))) == (
        "Left out, as the database did not say it in time: the last hour, who was told."
    )


def labels(shown: Notice) -> list[str]:
    return [row.label for row in rows(shown)]


def test_an_end_has_begin_end_length_peak_and_who_took_it() -> None:
    over = notice(EventKind.RESOLVED, background=Background(messages=6))
    assert labels(over)[2:] == [
        *("Value now", "Peak", "Began", "Ended", "Open for", "Taken by", "Messages", "Rule"),
    ]
    assert {row.label: row.value for row in rows(over)}["Taken by"] == "nobody"


def test_one_that_is_told_once_as_fired_and_over_does_not_call_its_first_value_the_present_one() -> None:
    over = notice(resolved_at=OPENED + HOUR)
    assert "Value" in labels(over)
    assert "Value now" not in labels(over)


def test_a_peak_that_is_the_value_is_not_said_twice() -> None:
    assert "peak" not in {row.label: row.value for row in rows(notice(peak=97.2))}["Value"]
    assert "peak 98.1 %" in {row.label: row.value for row in rows(FULL)}["Value"]


def test_the_busiest_are_those_of_what_is_short() -> None:
    hungry = BusyProcess(name="java", pid=7, cpu_percent=1, memory_mb=9_000)
    both = (*FULL.processes, hungry)
    assert placeholders(notice(processes=both)).processes[0].name == "reindex"
    short = placeholders(notice(processes=both, component="memory"))
    assert (short.processes[0].name, short.processes_by) == ("java", "memory")
    assert len(short.processes) == 5


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(minutes=4), "new, started 4 min before"),
        (timedelta(minutes=59), "new, started 59 min before"),
        (HOUR, None),
        (timedelta(minutes=-3), "new, started 0 s before"),  # its host's clock is ahead
        (-HOUR, None),
        (None, None),
    ],
)
def test_a_process_is_new_for_an_hour(before: timedelta | None, words: str | None) -> None:
    started_at = None if before is None else OPENED - before
    shown = notice(processes=(replace(FULL.processes[0], started_at=started_at),))
    assert placeholders(shown).processes[0].new == words


def test_a_silent_host_has_no_value_but_a_time() -> None:
    silent = notice(component="host", metric="silence_s", unit="s", value=45.0, threshold=15.0)
    assert placeholders(silent).value == "silent for 45 s"
    assert placeholders(replace(silent, kind=EventKind.RESOLVED, value=3.0)).value == "heard 3 s ago"
