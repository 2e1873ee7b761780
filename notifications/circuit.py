"""The circuit of a destination: left alone after failures in a row, then tried with one message."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

OPENS_AFTER = 3
SHORTEST, LONGEST = timedelta(seconds=30), timedelta(minutes=5)
JITTER = 0.2


class Access(StrEnum):
    FREE = "free"
    PROBE = "probe"
    LEFT_ALONE = "left alone"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a destination fares: failures since the last answer, and until when it is left alone."""

    failures: int = 0
    open_until: datetime | None = None
    last_error: str | None = None

    @property
    def broken(self) -> bool:
        """Whether it has failed so often that one message has to try it first."""
        return self.failures >= OPENS_AFTER


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a destination may be tried now, with the reason in words; LEFT_ALONE holds until `until`."""

    access: Access
    reason: str
    until: datetime | None = None


def access(name: str, standing: Standing, now: datetime) -> Verdict:
    """Whether the destination called `name` may be tried now: freely, with one message, or not at all."""
    why = f"{name} failed {standing.failures} times in a row (the last time: {standing.last_error})"
    if _left_alone(standing, now):
        if not standing.broken:
            why = f"{name} asked for a pause ({standing.last_error})"
        return Verdict(Access.LEFT_ALONE, why, standing.open_until)
    if standing.broken:
        return Verdict(Access.PROBE, f"{why}; one message tries it again")
    return Verdict(Access.FREE, f"{name} works")


def waiting(name: str, standing: Standing) -> str:
    """Why a message waits behind the circuit; the same words at every look, so that they are written once."""
    return f"waits until {name} can be reached again: {standing.last_error}"


def probed(standing: Standing, until: datetime) -> Standing:
    """The standing while a probe is on its way: nobody else tries before `until`, when it is given up."""
    return replace(standing, open_until=until)


def after_answer(standing: Standing, *, now: datetime, probe: bool) -> Standing:
    """The standing after an acceptance or a final refusal: the other side is there.

    A pause that it has asked for is kept, whatever was still on its way when it asked.
    """
    if _left_alone(standing, now) and not standing.broken and not probe:
        return Standing(open_until=standing.open_until, last_error=standing.last_error)
    return Standing()


def after_failure(
    standing: Standing,
    reason: str,
    retry_after: timedelta | None,
    *,
    now: datetime,
    probe: bool,
    random: Random,
) -> Standing:
    """The standing after a failure that may pass, told in one sentence.

    From the third in a row on it is left alone, 30 seconds first and twice as long after each probe that
    fails, up to 5 minutes, jittered so that many do not come back as one. What had left before it was left
    alone says nothing new. `retry_after`, for which the other side asked, holds in any case.
    """
    asked = [now + retry_after] if retry_after is not None else []
    if _left_alone(standing, now) and not probe and standing.open_until is not None:
        return Standing(standing.failures, max([standing.open_until, *asked]), reason)
    failures = standing.failures + 1
    ends = [*asked, *([now + _pause(failures, random)] if failures >= OPENS_AFTER else [])]
    return Standing(failures, max(ends, default=None), reason)


def _left_alone(standing: Standing, now: datetime) -> bool:
    return standing.open_until is not None and now < standing.open_until


def _pause(failures: int, random: Random) -> timedelta:
    doublings = min(failures - OPENS_AFTER, 8)
    return min(SHORTEST * (1 << doublings), LONGEST) * (1 + JITTER * random.random())
