"""What the events of an incident say: who has been waited for, for how long, and whether it flaps."""

from datetime import UTC, datetime, timedelta

from domain.alerts import EventKind
from notifications.escalation import Waiting
from notifications.incidents import Happened, Incident

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FIRST, SECOND = 7, 8


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def story(*events: tuple[float, EventKind] | tuple[float, EventKind, int]) -> Incident:
    """An incident of one alert: each event with its minute, and with its step if it is one."""
    return Incident(
        [
            Happened(number, FIRST, event[1], START + minutes(event[0]), event[2] if len(event) > 2 else None)
            for number, event in enumerate(events, start=1)
        ]
    )


def test_an_alert_waits_from_its_opening_on() -> None:
    assert story((0, EventKind.OPENED)).waiting(FIRST) == Waiting(START)
    assert story((0, EventKind.NOTED)).waiting(FIRST) is None


def test_whoever_had_a_warning_is_not_waited_for_with_a_critical() -> None:
    """It worsened, so everything begins anew: the steps, and the time in which somebody had it."""
    worse = story(
        (0, EventKind.OPENED),
        (15, EventKind.ESCALATED, 1),
        (16, EventKind.ACKNOWLEDGED),
        (20, EventKind.UNACKNOWLEDGED),
        (30, EventKind.WORSENED),
    )
    assert worse.waiting(FIRST) == Waiting(START + minutes(30))


def test_that_it_eased_begins_nothing_anew() -> None:
    eased = story((0, EventKind.OPENED), (15, EventKind.ESCALATED, 1), (20, EventKind.EASED))
    assert eased.waiting(FIRST) == Waiting(START, done=1)


def test_the_last_step_that_was_taken_counts() -> None:
    steps = story((0, EventKind.OPENED), (15, EventKind.ESCALATED, 1), (30, EventKind.ESCALATED, 2))
    assert steps.waiting(FIRST) == Waiting(START, done=2)


def test_all_the_time_in_which_somebody_had_it_is_left_out() -> None:
    taken_twice = story(
        (0, EventKind.OPENED),
        (5, EventKind.ACKNOWLEDGED),
        (15, EventKind.UNACKNOWLEDGED),
        (16, EventKind.REMINDED),
        (20, EventKind.ACKNOWLEDGED),
        (50, EventKind.UNACKNOWLEDGED),
    )
    assert taken_twice.waiting(FIRST) == Waiting(START, paused=minutes(40))


def test_what_is_taken_back_without_having_been_taken_pauses_nothing() -> None:
    odd = story((0, EventKind.OPENED), (5, EventKind.UNACKNOWLEDGED), (9, EventKind.UNACKNOWLEDGED))
    assert odd.waiting(FIRST) == Waiting(START)


def test_each_alert_of_an_incident_waits_by_itself() -> None:
    """It fired again within the cooldown, and the first one had been taken."""
    first = story((0, EventKind.OPENED), (5, EventKind.ACKNOWLEDGED), (9, EventKind.RESOLVED))
    again = Happened(4, SECOND, EventKind.OPENED, START + minutes(12), None)
    both = Incident([*first.events, again])
    assert both.waiting(SECOND) == Waiting(START + minutes(12))
    assert both.waiting(FIRST) == Waiting(START)
    assert both.changes == [START, START + minutes(9), START + minutes(12)]


def test_only_what_changes_its_state_counts_as_a_change() -> None:
    told = story(
        (0, EventKind.OPENED),
        (1, EventKind.WORSENED),
        (2, EventKind.ACKNOWLEDGED),
        (3, EventKind.EASED),
        (4, EventKind.REMINDED),
        (5, EventKind.NOTED),
        (6, EventKind.RESOLVED),
    )
    assert told.changes == [START + minutes(n) for n in (0, 1, 3, 6)]


def test_it_flaps_from_the_notice_that_says_so_until_the_one_that_says_it_is_over() -> None:
    begun = story((0, EventKind.OPENED), (9, EventKind.FLAPPING), (10, EventKind.RESOLVED))
    assert begun.flapping_since == START + minutes(9)
    over = Incident([*begun.events, Happened(4, FIRST, EventKind.SETTLED, START + minutes(30), None)])
    assert over.flapping_since is None
    assert over.until(3).flapping_since == START + minutes(9)
    assert over.until(2).flapping_since == START + minutes(9)
    assert over.until(1).flapping_since is None
