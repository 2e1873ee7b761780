"""A question is answered from the finest form that reaches back so far and is no waste."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.resolution import Form, Kept, resolve, usual_step

NOW = datetime(2026, 11, 25, 13, tzinfo=UTC)
TICK = timedelta(seconds=5)
DAYS = timedelta(days=1)
# As the client's retention has it.
KEPT = Kept(raw=NOW - 30 * DAYS, hours=NOW - 90 * DAYS, days=NOW - 365 * DAYS)


def form(ago: timedelta, length: timedelta, kept: Kept = KEPT, step: timedelta | None = None) -> Form:
    return resolve(NOW - ago, NOW - ago + length, kept, interval=TICK, points=500, step=step).form


@pytest.mark.parametrize(
    ("ago", "length", "expected"),
    [
        (timedelta(hours=1), timedelta(hours=1), Form.RAW),
        (29 * DAYS, timedelta(hours=6), Form.RAW),
        (timedelta(days=1), timedelta(days=1), Form.HOURS),
        (30 * DAYS, 30 * DAYS, Form.HOURS),
        (60 * DAYS, timedelta(hours=1), Form.HOURS),
        (200 * DAYS, timedelta(hours=1), Form.DAYS),
        (300 * DAYS, 300 * DAYS, Form.DAYS),
    ],
)
def test_the_finest_that_is_there_and_no_waste(ago: timedelta, length: timedelta, expected: Form) -> None:
    assert form(ago, length) is expected


def test_a_step_that_is_asked_for_decides() -> None:
    assert form(7 * DAYS, 7 * DAYS, step=timedelta(minutes=5)) is Form.RAW
    assert form(timedelta(hours=6), timedelta(hours=6), step=timedelta(hours=1)) is Form.HOURS
    assert form(7 * DAYS, 7 * DAYS, step=timedelta(days=1)) is Form.DAYS


def test_a_young_installation_is_shown_as_finely_as_it_was_seen() -> None:
    """Nothing coarser reaches further back, though none reaches as far as was asked for."""
    young = Kept(raw=NOW - DAYS, hours=NOW - timedelta(hours=2), days=NOW - timedelta(hours=13))
    assert form(7 * DAYS, 7 * DAYS, young) is Form.HOURS
    assert form(7 * DAYS, 7 * DAYS, young, step=timedelta(minutes=5)) is Form.RAW


def test_before_the_first_roll_up_raw_rows_are_all_there_is() -> None:
    fresh = Kept(raw=NOW - DAYS, hours=None, days=None)
    assert form(7 * DAYS, 7 * DAYS, fresh) is Form.RAW
    assert form(7 * DAYS, 7 * DAYS, fresh, step=DAYS) is Form.RAW


def test_what_is_coarser_is_read_where_it_alone_reaches_back() -> None:
    """Days that somebody rolled up late say nothing about hours, which do reach back."""
    kept = Kept(raw=NOW - 2 * DAYS, hours=NOW - 60 * DAYS, days=NOW - DAYS)
    assert form(40 * DAYS, timedelta(hours=6), kept) is Form.HOURS
    assert form(40 * DAYS, timedelta(hours=6), replace(kept, days=None)) is Form.HOURS


def test_a_form_answers_from_its_very_first_moment_on() -> None:
    assert form(30 * DAYS, timedelta(hours=12)) is Form.RAW
    assert form(30 * DAYS, timedelta(hours=12, seconds=1)) is Form.HOURS
    assert form(90 * DAYS, 90 * DAYS) is Form.HOURS
    longer = replace(KEPT, hours=NOW - 365 * DAYS)
    assert form(200 * DAYS, 92 * DAYS, longer) is Form.HOURS
    assert form(200 * DAYS, 93 * DAYS, longer) is Form.DAYS


@pytest.mark.parametrize(
    ("ago", "length", "kept", "step", "reason"),
    [
        (1, 0.25, KEPT, None, "raw rows say most"),
        (60, 0.25, KEPT, None, "raw rows go back to 2026-10-26 13:00 only"),
        (1, 0.25, replace(KEPT, raw=None), None, "there are no raw rows"),
        (200, 0.25, KEPT, None, "hours go back to 2026-08-27 13:00 only"),
        (7, 7, KEPT, None, "for so long a time they tell as much"),
        (300, 300, KEPT, None, "for so long a time they tell as much"),
        (7, 7, KEPT, timedelta(hours=1), "the step asks for no finer ones"),
        (7, 7, KEPT, DAYS, "the step asks for no finer ones"),
        (7, 7, Kept(NOW - DAYS, None, None), None, "nothing is rolled up yet"),
    ],
)
def test_it_says_why_it_is_not_finer(
    ago: float, length: float, kept: Kept, step: timedelta | None, reason: str
) -> None:
    since = NOW - ago * DAYS
    assert resolve(since, since + length * DAYS, kept, interval=TICK, points=500, step=step).reason == reason


USUAL = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800]
USUAL += [3600 * hours for hours in (1, 2, 3, 6, 12, 24, 48, 24 * 7, 24 * 14, 24 * 28)]


@pytest.mark.parametrize(("step", "next_one"), [*pairwise(USUAL)])
def test_a_step_is_the_shortest_usual_one_that_gives_no_more_than_the_points(
    step: int, next_one: int
) -> None:
    def found(length: int) -> float:
        since, span = NOW - 364 * DAYS, timedelta(seconds=length)
        forever = Kept(raw=since, hours=since, days=since)
        return resolve(since, since + span, forever, interval=TICK, points=13).step.total_seconds()

    assert found(13 * step) == step
    assert found(13 * step + 1) == next_one


def test_the_longest_time_is_shown_in_the_longest_usual_step() -> None:
    assert resolve(NOW - 365 * DAYS, NOW, KEPT, interval=TICK, points=2).step == 28 * DAYS


def test_a_step_that_is_asked_for_is_made_of_whole_ticks() -> None:
    def found(step: int) -> timedelta:
        asked = timedelta(seconds=step)
        return resolve(NOW - DAYS, NOW, KEPT, interval=TICK, points=500, step=asked).step

    assert [found(step).seconds for step in (1, 5, 7, 300)] == [5, 5, 10, 300]


@pytest.mark.parametrize(("apart", "step"), [(0, 5), (5, 5), (59, 60), (61, 120), (10**9, 28 * 86_400)])
def test_what_comes_as_it_pleases_is_shown_in_usual_steps(apart: int, step: int) -> None:
    assert usual_step(timedelta(seconds=apart)) == timedelta(seconds=step)


def test_a_step_is_never_shorter_than_what_is_stored() -> None:
    found = resolve(
        NOW - 60 * DAYS, NOW - 59 * DAYS, KEPT, interval=TICK, points=500, step=timedelta(minutes=5)
    )
    assert (found.form, found.step) == (Form.HOURS, timedelta(hours=1))


@given(
    st.timedeltas(timedelta(seconds=1), 365 * DAYS),
    st.timedeltas(timedelta(seconds=1), 365 * DAYS),
    st.integers(1, 900),
)
def test_no_answer_has_many_more_steps_than_asked_for(ago: timedelta, length: timedelta, points: int) -> None:
    length = min(length, ago)
    found = resolve(NOW - ago, NOW - ago + length, KEPT, interval=TICK, points=points)
    assert length / found.step <= max(points, 14) or found.step >= timedelta(days=28)
    assert found.step % TICK == timedelta(0)


def test_what_makes_no_sense_is_refused() -> None:
    with pytest.raises(ValueError, match="the end must come after the start"):
        resolve(NOW, NOW, KEPT, interval=TICK, points=9)
    with pytest.raises(ValueError, match="a step is a second at least"):
        resolve(NOW - DAYS, NOW, KEPT, interval=TICK, points=9, step=timedelta(0))
