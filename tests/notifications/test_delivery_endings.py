"""What becomes of each delivery of a message after it was sent, or was not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import uuid4

from domain.alerts import EventKind
from domain.severity import Severity
from notifications import keepsake
from notifications.channels.base import DeliveryError, Receipt
from notifications.cooldown import Occasion
from notifications.delivery import fallback
from notifications.delivery.endings import endings
from notifications.delivery.gathering import counts, digest, worst
from notifications.delivery.parcel import Bundle, Claimed, Outcome, Parcel
from notifications.digest import LINES
from notifications.history import Recipient
from tests.notifications.examples import RENDERER, notice

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(hours=24)
DOWN = DeliveryError("slack.com answered 503: down")
LOST = DeliveryError("the connection was reset", ambiguous=True)
REFUSED = DeliveryError("slack.com answered 404: no_service", permanent=True)


def one(
    number: int = 1,
    *,
    waited: timedelta = timedelta(0),
    failures: int = 0,
    severity: Severity = Severity.WARNING,
    over: bool = False,
    host: str = "web-1",
) -> Claimed:
    return Claimed(
        id=number,
        event_id=number,
        alert_id=number,
        incident_id=number,
        recipient=Recipient("slack"),
        occasion=Occasion(EventKind.OPENED, severity, NOW),
        host=host,
        component="cpu",
        over=over,
        planned_at=NOW - waited,
        waits_since=NOW - waited,
        failures=failures,
        thread=None,
        repeated=False,
        fallback_for=None,
    )


def parcel(*claimed: Claimed) -> Parcel:
    bundle = Bundle(claimed[0].id, NOW, "why", repeated=False) if len(claimed) > 1 else None
    return Parcel(claimed, uuid4(), bundle=bundle)


def after(sent: Parcel, answer: Receipt | DeliveryError) -> list[tuple[list[int], str, bool]]:
    """The numbers, the state and whether that is the end, for each way in which it went on."""
    return [
        ([claimed.id for claimed in ending.claimed], ending.values["state"], ending.final)
        for ending in endings(sent, outcome(answer), NOW, Random(1))
    ]


def outcome(answer: Receipt | DeliveryError) -> Outcome:
    rendered = RENDERER.render(notice())
    if isinstance(answer, Receipt):
        return Outcome(timedelta(0), rendered, receipt=answer)
    return Outcome(timedelta(0), rendered, error=answer)


def test_an_acceptance_is_the_end_for_all() -> None:
    assert after(parcel(one(1), one(2)), Receipt("ts", "200 ok")) == [([1, 2], "delivered", True)]


def test_what_is_written_down_says_what_the_other_side_answered_and_when() -> None:
    receipt = Receipt("1764.42", "200 ok")
    [alone] = endings(parcel(one(1)), outcome(receipt), NOW, Random(1))
    told = {"state": "delivered", "provider_id": "1764.42", "finished_at": NOW, "reason": "delivered: 200 ok"}
    assert alone.values == told | {"rendered": keepsake.written(outcome(receipt).rendered)}
    [bundled] = endings(parcel(one(1), one(2)), outcome(receipt), NOW, Random(1))
    assert bundled.values == told
    [dead] = endings(parcel(one(1)), outcome(REFUSED), NOW, Random(1))
    assert dead.values == {"state": "dead", "finished_at": NOW, "reason": REFUSED.reason}
    [late] = endings(parcel(one(1, waited=DAY)), outcome(DOWN), NOW, Random(1))
    reason = f"given up after 24 hours: {DOWN.reason}"
    assert late.values == {"state": "dead", "finished_at": NOW, "reason": reason}
    [again] = endings(parcel(one(1)), outcome(LOST), NOW, Random(1))
    assert again.values | {"due_at": None} == {
        "state": "pending",
        "due_at": None,
        "reason": f"to be tried again: {LOST.reason}",
        "digest_id": None,
    }


def test_a_pause_that_the_other_side_asked_for_is_kept() -> None:
    busy = DeliveryError("slack.com answered 429", retry_after=timedelta(minutes=10))
    [again] = endings(parcel(one(1)), outcome(busy), NOW, Random(1))
    assert again.values["due_at"] >= NOW + timedelta(minutes=10)


def test_a_digest_names_those_for_whom_it_stands_in() -> None:
    some = [replace(one(n), fallback_for=name) for n, name in enumerate(("slack", None, "lead"), start=1)]
    told = {claimed.id: notice() for claimed in some}
    made = digest(Bundle(1, NOW, "why", repeated=True), some, told)
    assert (made.fallback_for, made.repeated, made.reason) == (("lead", "slack"), True, "why")


def test_a_final_refusal_is_the_end_for_all() -> None:
    assert after(parcel(one(1), one(2)), REFUSED) == [([1, 2], "dead", True)]


def test_a_failure_that_may_pass_is_not_the_end() -> None:
    assert after(parcel(one(1)), DOWN) == [([1], "pending", False)]


def test_those_of_a_digest_that_have_waited_for_a_day_are_given_up_and_the_rest_goes_on() -> None:
    mixed = parcel(one(1, waited=DAY), one(2), one(3, waited=DAY), one(4))
    assert after(mixed, DOWN) == [([1, 3], "dead", True), ([2, 4], "pending", False)]


def test_all_of_a_digest_are_tried_again_at_the_same_time_by_the_one_that_failed_most() -> None:
    [ending] = endings(parcel(one(1), one(2, failures=2)), outcome(DOWN), NOW, Random(1))
    assert timedelta(seconds=60) <= ending.values["due_at"] - NOW <= timedelta(seconds=72)


def test_only_a_digest_that_may_have_arrived_stays_together() -> None:
    sent = parcel(one(7), one(8))
    ids = [
        ending.values["digest_id"]
        for error in (DOWN, LOST)
        for ending in endings(sent, outcome(error), NOW, Random(1))
    ]
    assert ids == [None, 7]


def test_an_outcome_says_in_a_word_what_it_was() -> None:
    words = [outcome(answer).kind for answer in (Receipt(None, "ok"), DOWN, LOST, REFUSED)]
    assert words == ["delivered", "retry", "ambiguous", "permanent"]


def test_a_sending_without_any_answer_may_have_arrived() -> None:
    nothing = Outcome(timedelta(0), RENDERER.render(notice()))
    assert (nothing.kind, nothing.answer) == ("ambiguous", "the sending ended without an answer")
    assert nothing.retry_after is None
    assert not outcome(Receipt(None, "200 ok")).ambiguous


def test_the_stand_in_is_asked_after_three_failures_or_two_minutes_or_at_the_end() -> None:
    def why(failures: int, minutes: float, *, final: bool = False) -> str | None:
        since = NOW - timedelta(minutes=minutes)
        return fallback.due(failures=failures, waits_since=since, final=final, now=NOW)

    assert why(2, 1.9) is None
    assert why(3, 0.5) == "it failed there 3 times"
    assert why(1, 2) == "it could not be delivered there within 2 minutes"
    assert why(1, 0, final=True) == "it will not be tried there again"


def test_a_digest_shows_the_worst_and_counts_all() -> None:
    over = [one(n, severity=Severity.CRITICAL, over=True) for n in range(1, 11)]
    warnings = [one(n, host="web-2") for n in range(11, 91)]
    critical = one(100, severity=Severity.CRITICAL, host="web-9")
    shown = worst([*over, *warnings, critical])
    assert [claimed.id for claimed in shown] == [100, *range(11, 11 + LINES - 1)]
    found = counts([*over, *warnings, critical])
    assert (found.critical, found.warning, found.over, found.hosts) == (1, 80, 10, 3)
    assert found.top_hosts[0] == ("web-2", 80)
