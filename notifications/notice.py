"""The notice: everything that a message says of one event, gathered before anything is worded or sent."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts import EventKind
from domain.health import Score
from domain.severity import Severity
from domain.snapshot import BusyProcess, Fact

__all__ = ["Background", "BusyProcess", "Coming", "Fact", "Notice", "OpenAlert", "Past", "Told", "Trend"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """Another alert that is open on the same host."""

    alert_id: int
    severity: Severity
    component: str
    value: float
    unit: str
    opened_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The metric before the event: its highest value of each `step` from `since`, None for no value."""

    since: datetime
    step: timedelta
    values: tuple[float | None, ...]

    @property
    def until(self) -> datetime:
        return self.since + self.step * len(self.values)

    @property
    def measured(self) -> list[float]:
        """The values that there are."""
        return [value for value in self.values if value is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How often the same happened in the `days` before, and how long half of those took at the most."""

    days: int
    times: int
    median: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A destination that hears of the incident, at so many addresses; `at` is None for one that hears now."""

    destination: str
    addresses: int = 1
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that will happen if nobody does anything, not before `at`; None where no time is set."""

    at: datetime | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """What is gathered on top for one message; a part that could not be gathered is named in `missing`."""

    trend: Trend | None = None
    past: Past | None = None
    told: tuple[Told, ...] = ()
    coming: tuple[Coming, ...] = ()
    messages: int | None = None
    """How many messages tell of the incident by now, this one and its like to others included."""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One event of one alert, for one delivery; the message is whole without any of the optional parts.

    Text comes as it was measured, however hostile: making it harmless is the work of rendering and of the
    channels. Times are aware. `value`, `threshold` and `peak` are in `unit`; `unit` "s" is shown as a span.
    """

    delivery_id: int
    alert_id: int
    incident_id: int
    kind: EventKind
    severity: Severity
    """Severity after the event; of a resolved alert, the one that it had."""
    host: str
    component: str
    rule: str
    metric: str
    unit: str
    value: float
    threshold: float
    message: str
    """What is the matter, in one sentence."""
    reason: str
    """Why the state changed, in one sentence."""
    at: datetime
    """When the event happened."""
    opened_at: datetime
    breach_since: datetime
    is_drill: bool = False
    peak: float | None = None
    resolved_at: datetime | None = None
    duration: timedelta | None = None
    """How long it was open; left out, it is counted from opened_at to resolved_at."""
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    health: Score | None = None
    facts: tuple[Fact, ...] = ()
    processes: tuple[BusyProcess, ...] = ()
    seen_at: datetime | None = None
    """When health, facts and processes were seen; None for at the event."""
    also_open: tuple[OpenAlert, ...] = ()
    also_open_total: int = 0
    """How many others are open there; more than `also_open` where that holds only the worst."""
    background: Background = field(default_factory=Background)
    acknowledge: str | None = None
    """The command line that acknowledges, as `tocsin ack 123`."""
    runbook_url: str | None = None
    notes: tuple[str, ...] = ()
    """Sentences from planning, shown on top: a reminder, an escalation step, flapping, an end of silence."""
    repeated: bool = False
    """This may be a second copy: a sender died, or an answer was lost, between sending and recording."""
    fallback_for: str | None = None
    """Name of the destination that could not be reached and that this one stands in for."""
