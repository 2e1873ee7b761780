"""Silences: why nobody is to be told at a moment, by the file, by quiet hours, or by somebody's word."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.severity import Severity
from policy import Hold, Policy
from policy.matching import Scope
from policy.windows import Once, Recurring


class Phase(StrEnum):
    """How a silence stands; one that recurs is `resting` outside of its hours."""

    COMING = "coming"
    ACTIVE = "active"
    RESTING = "resting"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Silence:
    """A silence that somebody set: in `span`, and where it recurs, in `within` only."""

    number: int
    scope: Scope
    span: Once
    within: Recurring | None
    by: str
    reason: str

    def phase(self, at: datetime) -> Phase:
        if at >= self.span.ends_at:
            return Phase.OVER
        if at < self.span.starts_at:
            return Phase.COMING
        return Phase.ACTIVE if self.within is None or self.within.end(at) else Phase.RESTING

    def hold(self, *, host: str, component: str, severity: Severity, at: datetime) -> Hold | None:
        end = self.span.end(at)
        if end is None or not self.scope.holds(host=host, component=component, severity=severity):
            return None
        if self.within is not None:
            again = self.within.end(at)
            if again is None:
                return None
            end = min(end, again)
        return Hold(f"silence {self.number} by {self.by} ({self.reason}) until {end:%Y-%m-%d %H:%M} UTC", end)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Everything that may keep people from being told."""

    policy: Policy
    silences: Sequence[Silence] = ()

    def hold(self, *, host: str, component: str, severity: Severity, at: datetime) -> Hold | None:
        """Why nobody is told of such an alert now, the hold that lasts longest; None when people are told."""
        return _longest(
            [
                self.policy.hold(host=host, component=component, severity=severity, at=at),
                *(s.hold(host=host, component=component, severity=severity, at=at) for s in self.silences),
            ]
        )


def _longest(holds: Iterable[Hold | None]) -> Hold | None:
    return max((hold for hold in holds if hold), key=lambda hold: hold.until, default=None)
