"""The cooldown: who is told of an event now, later, or not at all, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.alerts import EventKind
from domain.severity import Severity
from policy import Hold

# What a recipient has got that leaves it believing that the alert fires.
FIRING = frozenset(
    {
        EventKind.OPENED,
        EventKind.WORSENED,
        EventKind.EASED,
        EventKind.REMINDED,
        EventKind.ESCALATED,
        EventKind.FLAPPING,
        EventKind.SETTLED,
    }
)
NO_MESSAGE = frozenset({EventKind.ACKNOWLEDGED, EventKind.UNACKNOWLEDGED, EventKind.NOTED})

# A critical that fires again within the cooldown is told after this long at the latest.
REFIRED_CRITICAL = timedelta(minutes=5)


class Action(StrEnum):
    SEND = "send"
    HOLD = "hold"
    SKIP = "skip"


class Cause(StrEnum):
    """The kinds of reasons, by which decisions are counted."""

    NEWS = "news"
    RISE = "rise"
    STEP = "step"
    END = "end"
    BY_HAND = "by_hand"
    COOLDOWN = "cooldown"
    SILENCE = "silence"
    FLAPPING = "flapping"
    RECORD = "record"
    NEWER = "newer"
    OVER = "over"
    TAKEN = "taken"
    NOT_CONCERNED = "not_concerned"
    NO_ROUTE = "no_route"
    REACHED = "reached"
    RESTORED = "restored"  # written by models.restored


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about one event for one recipient, with the reason in words; a hold ends at `until`."""

    action: Action
    cause: Cause
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A message of this incident that the recipient has got."""

    kind: EventKind
    severity: Severity
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What one recipient knows of one incident: what was delivered, what is on the wire, what still waits."""

    told: Sequence[Told] = ()
    in_flight: Sequence[Severity] = ()
    waiting: Sequence[Severity] = ()

    @property
    def knows_of_firing(self) -> bool:
        """Whether the last thing that it was told, or is being told, is that the alert fires."""
        return bool(self.in_flight) or (bool(self.told) and self.told[-1].kind in FIRING)


@dataclass(frozen=True, slots=True)
class Occasion:
    """The event to decide about; `fired_at` is the opening of its alert, `refired` marks a second one.

    `hold` is why nobody is to be told at this moment, as in a silence.
    """

    kind: EventKind
    severity: Severity
    fired_at: datetime
    refired: bool = False
    hold: Hold | None = None


def decide(occasion: Occasion, history: History, *, cooldown: timedelta, now: datetime) -> Verdict:
    """Apply the laws of the cooldown to one event and one recipient.

    It is armed by what was delivered and by nothing else. While it is armed, the same or a lower severity is
    held until it ends; a rise in severity, an escalation step and a resolve pass.
    """
    kind = occasion.kind
    if kind in NO_MESSAGE:
        return Verdict(Action.SKIP, Cause.RECORD, f"{kind}: it is written down and sent to nobody")
    if kind is EventKind.RESOLVED:
        return _resolved(occasion, history)
    if occasion.hold is not None:
        return Verdict(Action.HOLD, Cause.SILENCE, occasion.hold.reason, occasion.hold.until)
    return _special(occasion, history) or _firing(occasion, history, cooldown, now)


def recheck(
    occasion: Occasion, history: History, *, cooldown: timedelta, now: datetime, over: bool, newer: bool
) -> Verdict:
    """Whether a planned message is still wanted at the moment of sending; much may have happened since.

    `over`: its alert has resolved. `newer`: a later message of the incident was planned for the recipient.
    The history leaves out the message itself.
    """
    if newer:
        return Verdict(Action.SKIP, Cause.NEWER, "a newer message of the incident takes its place")
    if occasion.kind is EventKind.RESOLVED:
        if history.knows_of_firing or occasion.severity is Severity.CRITICAL:
            return Verdict(
                Action.SEND, Cause.END, "the end is told to whoever heard of it, of a critical in any case"
            )
        return Verdict(Action.SKIP, Cause.NOT_CONCERNED, "the firing never got here, so its end is no news")
    if over and occasion.kind is not EventKind.FLAPPING:
        return Verdict(Action.SKIP, Cause.OVER, "it was over before it could be sent")
    return decide(occasion, history, cooldown=cooldown, now=now)


def _special(occasion: Occasion, history: History) -> Verdict | None:
    """The kinds that the cooldown has no say in; None for the others."""
    match occasion.kind:
        case EventKind.ESCALATED:
            return Verdict(Action.SEND, Cause.STEP, "an escalation step passes at once")
        case EventKind.FLAPPING | EventKind.SETTLED:
            return Verdict(
                Action.SEND,
                Cause.FLAPPING,
                f"{occasion.kind}: one notice when it begins and one when it is over",
            )
        case EventKind.REMINDED if history.waiting:
            return Verdict(Action.SKIP, Cause.NEWER, "the message before it still waits to be delivered")
    return None


def _firing(occasion: Occasion, history: History, cooldown: timedelta, now: datetime) -> Verdict:
    told = [t for t in history.told if t.kind in FIRING and t.at + cooldown > now]
    told += [Told(occasion.kind, severity, now) for severity in history.in_flight]
    covering = [t for t in told if t.severity.rank >= occasion.severity.rank]
    if not told:
        return Verdict(Action.SEND, Cause.NEWS, "nothing of it was delivered here within the cooldown")
    if not covering:
        return Verdict(Action.SEND, Cause.RISE, f"a rise to {occasion.severity} passes at once")
    last = max(covering, key=lambda t: t.at)
    return _held(occasion, last, last.at + cooldown, now)


def _held(occasion: Occasion, last: Told, until: datetime, now: datetime) -> Verdict:
    if occasion.refired and occasion.severity is Severity.CRITICAL:
        until = min(until, occasion.fired_at + REFIRED_CRITICAL)
        if until <= now:
            return Verdict(Action.SEND, Cause.NEWS, "a critical that fires again waits for 5 minutes at most")
    reason = f"a {last.severity} of it was delivered here at {_clock(last.at)}; held until {_clock(until)}"
    return Verdict(Action.HOLD, Cause.COOLDOWN, reason, until)


def _resolved(occasion: Occasion, history: History) -> Verdict:
    if history.knows_of_firing:
        return Verdict(Action.SEND, Cause.END, "it was told of the firing, so it is told of the end")
    if not history.waiting:
        return Verdict(Action.SKIP, Cause.NOT_CONCERNED, "it was never told of the firing")
    if occasion.hold is not None:
        return Verdict(
            Action.SKIP, Cause.SILENCE, f"it fired and ended within a silence: {occasion.hold.reason}"
        )
    if Severity.CRITICAL in history.waiting or occasion.severity is Severity.CRITICAL:
        return Verdict(
            Action.SEND, Cause.END, "a critical that ended before it could be told is told once, as over"
        )
    return Verdict(Action.SKIP, Cause.OVER, "a warning that ended before it could be told is withdrawn")


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"
