"""Times in which nobody is told: maintenance, once or again and again, and quiet hours for warnings."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from domain.severity import Severity
from policy.matching import Scope

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EVERY_DAY = frozenset(range(7))


@dataclass(frozen=True, slots=True)
class Hold:
    """Why nobody is told now, in words, and until when that holds."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Once:
    """From one moment to another; the last one belongs to what comes after."""

    starts_at: datetime
    ends_at: datetime

    def end(self, at: datetime) -> datetime | None:
        """When this span ends if it is on at that moment, else None."""
        return self.ends_at if self.starts_at <= at < self.ends_at else None


@dataclass(frozen=True, slots=True)
class Recurring:
    """At the same time (UTC) of some days of the week, Monday 0, for a day at the longest."""

    start: time
    duration: timedelta
    days: frozenset[int] = EVERY_DAY

    def end(self, at: datetime) -> datetime | None:
        """When this span ends if it is on at that moment, else None."""
        today = at.astimezone(UTC).date()
        for day in (today, today - timedelta(days=1)):
            begin = datetime.combine(day, self.start, UTC)
            if day.weekday() in self.days and begin <= at < begin + self.duration:
                return begin + self.duration
        return None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A window in which nobody hears of what it is about; evaluation and history go on."""

    name: str
    span: Once | Recurring
    scope: Scope
    reason: str = ""

    def hold(self, *, host: str, component: str, severity: Severity, at: datetime) -> Hold | None:
        end = self.span.end(at)
        if end is None or not self.scope.holds(host=host, component=component, severity=severity):
            return None
        why = f" ({self.reason})" if self.reason else ""
        return Hold(f"maintenance {self.name}{why} until {end.astimezone(UTC):%Y-%m-%d %H:%M} UTC", end)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours in which a warning waits until morning; a critical never waits."""

    span: Recurring

    def hold(self, severity: Severity, at: datetime) -> Hold | None:
        end = self.span.end(at)
        if end is None or severity is not Severity.WARNING:
            return None
        return Hold(f"quiet hours: warnings wait until {end:%Y-%m-%d %H:%M} UTC", end)
