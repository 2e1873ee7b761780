"""The laws of the cooldown, each decision with its reason; test_laws has whole nights of them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.cooldown import FIRING, NO_MESSAGE, Action, Cause, History, Occasion, Told, decide, recheck
from policy import Hold

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
COOLDOWN = timedelta(minutes=15)
WARNING, CRITICAL = Severity.WARNING, Severity.CRITICAL
SEND, HOLD, SKIP = Action.SEND, Action.HOLD, Action.SKIP
SILENCE = Hold("silence 3 by ada (upgrade) until 2026-03-01 14:00 UTC", NOW + timedelta(hours=2))

NOTHING = History()


def event(kind: EventKind = EventKind.OPENED, severity: Severity = WARNING, **more: object) -> Occasion:
    return replace(Occasion(kind, severity, NOW), **more)  # type: ignore[arg-type] # fields of it


def told(minutes_ago: float, severity: Severity = WARNING, kind: EventKind = EventKind.OPENED) -> History:
    return History((Told(kind, severity, NOW - timedelta(minutes=minutes_ago)),))


def decided(occasion: Occasion, history: History = NOTHING) -> tuple[Action, Cause]:
    verdict = decide(occasion, history, cooldown=COOLDOWN, now=NOW)
    assert verdict.reason
    assert (verdict.until is None) is (verdict.action is not HOLD)
    return verdict.action, verdict.cause


def rechecked(
    occasion: Occasion, history: History = NOTHING, *, over: bool = False, newer: bool = False
) -> tuple[Action, Cause]:
    verdict = recheck(occasion, history, cooldown=COOLDOWN, now=NOW, over=over, newer=newer)
    assert verdict.reason
    return verdict.action, verdict.cause


def test_every_kind_of_event_is_told_while_it_fires_ends_it_or_is_only_written_down() -> None:
    assert {*FIRING, *NO_MESSAGE, EventKind.RESOLVED} == set(EventKind)
    assert not FIRING & NO_MESSAGE


@pytest.mark.parametrize("kind", sorted(NO_MESSAGE))
def test_what_people_did_themselves_is_written_down_and_sent_to_nobody(kind: EventKind) -> None:
    assert decided(event(kind)) == (SKIP, Cause.RECORD)
    assert decided(event(kind, hold=SILENCE)) == (SKIP, Cause.RECORD)


@pytest.mark.parametrize(
    ("severity", "history", "expected"),
    [
        (WARNING, History(), (SEND, Cause.NEWS)),
        (WARNING, told(14.9), (HOLD, Cause.COOLDOWN)),
        # The cooldown ends with its last minute.
        (WARNING, told(15), (SEND, Cause.NEWS)),
        (WARNING, told(1, CRITICAL), (HOLD, Cause.COOLDOWN)),
        (CRITICAL, told(1, CRITICAL), (HOLD, Cause.COOLDOWN)),
        (CRITICAL, told(1, WARNING), (SEND, Cause.RISE)),
        # The end of it is no message that it fires, and arms nothing.
        (WARNING, told(1, WARNING, EventKind.RESOLVED), (SEND, Cause.NEWS)),
        # What is on the wire will have been delivered, and what waits has not been.
        (WARNING, History(in_flight=(WARNING,)), (HOLD, Cause.COOLDOWN)),
        (CRITICAL, History(in_flight=(WARNING,)), (SEND, Cause.RISE)),
        (WARNING, History(waiting=(CRITICAL,)), (SEND, Cause.NEWS)),
    ],
)
def test_the_same_or_less_is_held_while_the_cooldown_lasts_and_more_passes(
    severity: Severity, history: History, expected: tuple[Action, Cause]
) -> None:
    assert decided(event(severity=severity), history) == expected


def test_a_hold_lasts_from_the_last_message_that_said_as_much() -> None:
    def at(minutes_ago: int, severity: Severity) -> Told:
        return Told(EventKind.OPENED, severity, NOW - timedelta(minutes=minutes_ago))

    history = History((at(9, WARNING), at(6, CRITICAL), at(3, WARNING)))
    verdict = decide(event(severity=CRITICAL), history, cooldown=COOLDOWN, now=NOW)
    assert verdict.until == NOW + timedelta(minutes=9)
    assert verdict.reason == "a critical of it was delivered here at 11:54:00 UTC; held until 12:09:00 UTC"
    verdict = decide(event(severity=WARNING), history, cooldown=COOLDOWN, now=NOW)
    assert verdict.until == NOW + timedelta(minutes=12)


@pytest.mark.parametrize(
    ("severity", "fired_ago", "expected", "until"),
    [
        (CRITICAL, 2, (HOLD, Cause.COOLDOWN), 3),
        (CRITICAL, 5, (SEND, Cause.NEWS), None),
        # A warning that fires again waits for the whole of it.
        (WARNING, 5, (HOLD, Cause.COOLDOWN), 14),
    ],
)
def test_a_critical_that_fires_again_waits_for_five_minutes_at_most(
    severity: Severity, fired_ago: int, expected: tuple[Action, Cause], until: int | None
) -> None:
    again = event(severity=severity, refired=True, fired_at=NOW - timedelta(minutes=fired_ago))
    assert decided(again, told(1, CRITICAL)) == expected
    verdict = decide(again, told(1, CRITICAL), cooldown=COOLDOWN, now=NOW)
    assert verdict.until == (until and NOW + timedelta(minutes=until))


def test_a_critical_that_fires_again_never_waits_longer_than_the_cooldown() -> None:
    again = event(severity=CRITICAL, refired=True)
    verdict = decide(again, told(14, CRITICAL), cooldown=COOLDOWN, now=NOW)
    assert verdict.until == NOW + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EventKind.ESCALATED, (SEND, Cause.STEP)),
        (EventKind.FLAPPING, (SEND, Cause.FLAPPING)),
        (EventKind.SETTLED, (SEND, Cause.FLAPPING)),
        (EventKind.REMINDED, (HOLD, Cause.COOLDOWN)),
    ],
)
def test_steps_and_flapping_pass_at_once_and_reminders_do_not(
    kind: EventKind, expected: tuple[Action, Cause]
) -> None:
    assert decided(event(kind), told(1)) == expected
    assert decided(event(kind, hold=SILENCE), told(1)) == (HOLD, Cause.SILENCE)


def test_nobody_is_reminded_of_what_still_waits_to_be_delivered() -> None:
    assert decided(event(EventKind.REMINDED), History(waiting=(WARNING,))) == (SKIP, Cause.NEWER)


def test_a_silence_holds_until_it_ends_and_says_so() -> None:
    verdict = decide(event(hold=SILENCE), History(), cooldown=COOLDOWN, now=NOW)
    assert (verdict.reason, verdict.until) == (SILENCE.reason, SILENCE.until)


@pytest.mark.parametrize(
    ("occasion", "history", "expected"),
    [
        (event(), told(1), (SEND, Cause.END)),
        (event(), History(in_flight=(WARNING,)), (SEND, Cause.END)),
        # Whoever knows of the firing hears of the end, silence or not.
        (event(hold=SILENCE), told(1), (SEND, Cause.END)),
        (event(), History(), (SKIP, Cause.NOT_CONCERNED)),
        # It was told of the end already.
        (event(), told(1, WARNING, EventKind.RESOLVED), (SKIP, Cause.NOT_CONCERNED)),
        (event(), History(waiting=(WARNING,)), (SKIP, Cause.OVER)),
        (event(), History(waiting=(CRITICAL, WARNING)), (SEND, Cause.END)),
        (event(severity=CRITICAL), History(waiting=(WARNING,)), (SEND, Cause.END)),
        (event(severity=CRITICAL, hold=SILENCE), History(waiting=(CRITICAL,)), (SKIP, Cause.SILENCE)),
    ],
)
def test_the_end_is_told_to_whoever_heard_of_it_and_of_a_critical_that_still_waits(
    occasion: Occasion, history: History, expected: tuple[Action, Cause]
) -> None:
    assert decided(replace(occasion, kind=EventKind.RESOLVED), history) == expected


@pytest.mark.parametrize(
    ("kind", "severity", "history", "now", "expected"),
    [
        (EventKind.OPENED, WARNING, History(), {"newer": True}, (SKIP, Cause.NEWER)),
        (EventKind.RESOLVED, CRITICAL, told(1), {"newer": True}, (SKIP, Cause.NEWER)),
        (EventKind.OPENED, CRITICAL, History(), {"over": True}, (SKIP, Cause.OVER)),
        # That it flaps is worth knowing though it is over at this moment.
        (EventKind.FLAPPING, WARNING, History(), {"over": True}, (SEND, Cause.FLAPPING)),
        (EventKind.RESOLVED, WARNING, told(1), {"over": True}, (SEND, Cause.END)),
        (EventKind.RESOLVED, CRITICAL, History(), {"over": True}, (SEND, Cause.END)),
        (EventKind.RESOLVED, WARNING, History(), {"over": True}, (SKIP, Cause.NOT_CONCERNED)),
        # Somebody else's message of the same was delivered since: the cooldown is asked again.
        (EventKind.OPENED, WARNING, told(1), {}, (HOLD, Cause.COOLDOWN)),
        (EventKind.OPENED, WARNING, History(), {}, (SEND, Cause.NEWS)),
    ],
)
def test_at_the_moment_of_sending_it_is_asked_again_whether_it_is_wanted(
    kind: EventKind,
    severity: Severity,
    history: History,
    now: dict[str, bool],
    expected: tuple[Action, Cause],
) -> None:
    assert rechecked(event(kind, severity), history, **now) == expected
