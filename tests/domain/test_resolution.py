"""A question is answered from the finest form that reaches back so far and is no waste."""

from datetime import UTC, datetime, timedelta

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


def test_it_says_why_it_is_coarser_than_one_would_wish() -> None:
    found = resolve(NOW - 60 * DAYS, NOW - 60 * DAYS + DAYS / 4, KEPT, interval=TICK, points=500)
    assert found.reason == "raw rows go back to 2026-10-26 13:00 only"


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
