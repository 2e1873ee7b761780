"""Which step is due when nobody acknowledges: in order, each once, the last one again and again."""

from datetime import UTC, datetime, timedelta

import pytest

from notifications.escalation import Waiting, destinations_of, due_step, next_step
from policy import Escalation, Step

OPENED = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


STEPS = (Step(minutes(15), ("lead",)), Step(minutes(30), ("head",)))
ON_CALL = Escalation("on-call", STEPS)
ENDLESS = Escalation("on-call", STEPS, repeat=minutes(20))
TWICE = Escalation("on-call", STEPS, repeat=minutes(20), repeats=2)
OTHERS = Escalation("dba", (Step(minutes(20), ("dba",)),), repeat=minutes(5))


def course(*escalations: Escalation, most: int = 6) -> list[tuple[int, float, str]]:
    """Each step with its minute and who hears, as long as nobody acknowledges."""
    found = []
    for done in range(most):
        coming = next_step(escalations, Waiting(OPENED, done=done))
        if coming is None:
            break
        assert coming.destinations == destinations_of(escalations, coming.number)
        after = (coming.at - OPENED) / minutes(1)
        assert after == coming.after / minutes(1)
        found.append((coming.number, after, " ".join(coming.destinations)))
    return found


def test_the_steps_come_in_order_and_end_where_nothing_is_repeated() -> None:
    assert course(ON_CALL) == [(1, 15, "lead"), (2, 30, "head")]
    assert course() == []


def test_the_last_step_is_repeated_until_somebody_acknowledges() -> None:
    assert course(ENDLESS, most=5)[2:] == [(3, 50, "head"), (4, 70, "head"), (5, 90, "head")]


def test_or_as_often_as_the_policy_says() -> None:
    assert course(TWICE) == [(1, 15, "lead"), (2, 30, "head"), (3, 50, "head"), (4, 70, "head")]


def test_escalations_of_several_routes_are_one_course_and_the_shorter_repeat_goes_on() -> None:
    together = course(ENDLESS, OTHERS, most=5)
    assert together == [(1, 15, "lead"), (2, 20, "dba"), (3, 30, "head"), (4, 35, "head"), (5, 40, "head")]


def test_nobody_hears_of_a_step_that_the_policy_has_no_more() -> None:
    assert destinations_of((ON_CALL,), 3) == ()
    assert destinations_of((TWICE,), 5) == ()
    assert destinations_of((), 1) == ()


@pytest.mark.parametrize(("after", "due"), [(14.99, None), (15, 1), (300, 1)])
def test_a_step_is_due_from_its_minute_on_and_no_later_one_overtakes_it(
    after: float, due: int | None
) -> None:
    step = due_step((ON_CALL,), Waiting(OPENED), OPENED + minutes(after))
    assert (step and step.number) == due


def test_the_time_in_which_somebody_had_it_does_not_count() -> None:
    waiting = Waiting(OPENED, paused=minutes(40))
    assert due_step((ON_CALL,), waiting, OPENED + minutes(54)) is None
    step = due_step((ON_CALL,), waiting, OPENED + minutes(55))
    assert step is not None
    assert (step.destinations, step.reason) == (
        ("lead",),
        "step 1: nobody has acknowledged it for 15 minutes",
    )
