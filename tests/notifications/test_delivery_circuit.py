"""The circuit of a destination: three failures in a row, a growing pause, one probe, and back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from notifications import circuit
from notifications.circuit import Access, Standing

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOWN = "slack.com answered 503: down"


class Unlucky(Random):
    """No jitter, so that a pause is its shortest."""

    def random(self) -> float:
        return 0.0


def failed(
    standing: Standing, *, times: int = 1, retry_after: timedelta | None = None, probe: bool = False
) -> Standing:
    for _ in range(times):
        standing = circuit.after_failure(standing, DOWN, retry_after, now=NOW, probe=probe, random=Unlucky())
    return standing


def open_for(standing: Standing) -> timedelta | None:
    return None if standing.open_until is None else standing.open_until - NOW


@pytest.mark.parametrize("failures", [0, 1, 2])
def test_two_failures_leave_it_free(failures: int) -> None:
    assert circuit.access("slack", failed(Standing(), times=failures), NOW).access is Access.FREE


def test_the_third_failure_in_a_row_leaves_it_alone_for_half_a_minute_and_says_why() -> None:
    standing = failed(Standing(), times=3)
    verdict = circuit.access("slack", standing, NOW)
    assert verdict.access is Access.LEFT_ALONE
    assert verdict.reason == f"slack failed 3 times in a row (the last time: {DOWN})"
    assert verdict.until == NOW + timedelta(seconds=30)


def test_a_success_in_between_begins_the_count_anew() -> None:
    standing = circuit.after_answer(failed(Standing(), times=2), now=NOW, probe=False)
    assert circuit.access("slack", failed(standing, times=2), NOW).access is Access.FREE


def test_when_the_pause_is_over_one_message_tries_it() -> None:
    standing = failed(Standing(), times=3)
    over = NOW + timedelta(seconds=30)
    assert circuit.access("slack", standing, over).access is Access.PROBE
    probing = circuit.probed(standing, over + timedelta(seconds=60))
    assert circuit.access("slack", probing, over).access is Access.LEFT_ALONE


def test_a_probe_that_dies_with_its_sender_is_followed_by_another() -> None:
    probing = circuit.probed(failed(Standing(), times=3), NOW + timedelta(seconds=60))
    assert circuit.access("slack", probing, NOW + timedelta(seconds=60)).access is Access.PROBE


def test_each_probe_that_fails_doubles_the_pause_up_to_five_minutes() -> None:
    standing, pauses = failed(Standing(), times=3), []
    for _ in range(7):
        pauses.append(open_for(standing))
        standing = failed(standing, probe=True)
    assert [pause and pause.total_seconds() for pause in pauses] == [30, 60, 120, 240, 300, 300, 300]


def test_it_never_stays_away_for_more_than_six_minutes_however_long_it_is_down() -> None:
    broken = Standing(failures=10_000)
    later = circuit.after_failure(broken, DOWN, None, now=NOW, probe=True, random=Random(1))
    assert timedelta(minutes=5) < (open_for(later) or timedelta(0)) <= timedelta(minutes=6)


def test_pauses_are_jittered_so_that_many_do_not_come_back_as_one() -> None:
    random = Random(2)
    ends = {
        circuit.after_failure(Standing(2), DOWN, None, now=NOW, probe=False, random=random).open_until
        for _ in range(20)
    }
    assert len(ends) == 20


def test_a_success_closes_it() -> None:
    standing = circuit.after_answer(failed(Standing(), times=5), now=NOW, probe=True)
    assert standing == Standing()


def test_what_left_before_it_was_left_alone_says_nothing_new_when_it_fails() -> None:
    standing = failed(Standing(), times=3)
    again = failed(standing, times=10)
    assert (again.failures, again.open_until) == (standing.failures, standing.open_until)


def test_what_left_before_closes_it_when_it_succeeds() -> None:
    assert circuit.after_answer(failed(Standing(), times=3), now=NOW, probe=False) == Standing()


def test_a_pause_that_was_asked_for_holds_the_whole_destination() -> None:
    standing = failed(Standing(), retry_after=timedelta(seconds=90))
    verdict = circuit.access("slack", standing, NOW)
    assert (verdict.access, verdict.until) == (Access.LEFT_ALONE, NOW + timedelta(seconds=90))
    assert verdict.reason == f"slack asked for a pause ({DOWN})"


def test_it_is_free_when_the_pause_it_asked_for_is_over() -> None:
    standing = failed(Standing(), retry_after=timedelta(seconds=90))
    assert circuit.access("slack", standing, NOW + timedelta(seconds=90)).access is Access.FREE


def test_a_pause_that_is_over_says_nothing_any_more() -> None:
    paused, later = failed(Standing(), retry_after=timedelta(seconds=90)), NOW + timedelta(seconds=91)
    assert circuit.after_answer(paused, now=later, probe=False) == Standing()
    again = circuit.after_failure(paused, DOWN, None, now=later, probe=False, random=Unlucky())
    assert (again.failures, again.open_until) == (2, None)


def test_a_message_that_still_got_through_does_not_end_the_pause_it_asked_for() -> None:
    standing = failed(Standing(), retry_after=timedelta(seconds=90))
    assert circuit.after_answer(standing, now=NOW, probe=False).open_until == standing.open_until


def test_the_longer_of_both_pauses_holds() -> None:
    shorter = failed(Standing(2), retry_after=timedelta(seconds=1))
    longer = failed(Standing(2), retry_after=timedelta(minutes=10))
    assert (open_for(shorter), open_for(longer)) == (timedelta(seconds=30), timedelta(minutes=10))


def test_a_later_wish_may_lengthen_a_pause_and_not_shorten_it() -> None:
    standing = failed(Standing(), retry_after=timedelta(seconds=90))
    assert open_for(failed(standing, retry_after=timedelta(seconds=5))) == timedelta(seconds=90)
    assert open_for(failed(standing, retry_after=timedelta(seconds=120))) == timedelta(seconds=120)


def test_the_words_for_those_who_wait_are_the_same_at_every_look() -> None:
    standing = failed(Standing(), times=3)
    later = replace(standing, failures=7, open_until=NOW + timedelta(hours=1))
    assert circuit.waiting("slack", standing) == circuit.waiting("slack", later)
    assert circuit.waiting("slack", standing) == f"waits until slack can be reached again: {DOWN}"
