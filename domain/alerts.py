"""The life of an alert: when it opens, worsens, eases and resolves, decided one observation at a time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.severity import Severity

CLEAR_MARGIN = 5.0


class EventKind(StrEnum):
    """What can happen to an alert; every one is a row in `alert_events`."""

    OPENED = "opened"
    WORSENED = "worsened"
    EASED = "eased"
    RESOLVED = "resolved"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    FLAPPING = "flapping"
    SETTLED = "settled"
    ACKNOWLEDGED = "acknowledged"
    UNACKNOWLEDGED = "unacknowledged"
    NOTED = "noted"


@dataclass(frozen=True, slots=True)
class Rule:
    """When a value is worth an alert.

    `title` is what people call the metric, as the first words of a sentence.
    `warning` and `critical` are thresholds in the metric's `unit`; a value at or above one breaches it, and
    None leaves that severity out. A breach counts after `opens_after`, and is over once the value has been
    more than `clear_margin` under the threshold for `resolves_after`.
    Two observations further apart than `gap` do not belong to one unbroken breach.
    """

    name: str
    metric: str
    title: str
    unit: str
    warning: float | None
    critical: float | None
    opens_after: timedelta
    resolves_after: timedelta
    gap: timedelta
    clear_margin: float = CLEAR_MARGIN

    def threshold(self, severity: Severity) -> float | None:
        return self.warning if severity is Severity.WARNING else self.critical

    def with_unit(self, number: str) -> str:
        """A number as people read it, `97.2 %`; of a load, which has no unit, the number alone."""
        return f"{number} {self.unit}".rstrip()

    def breached(self, value: float) -> Severity | None:
        """The worst severity that `value` breaches at this moment."""
        if self.critical is not None and value >= self.critical:
            return Severity.CRITICAL
        if self.warning is not None and value >= self.warning:
            return Severity.WARNING
        return None


@dataclass(frozen=True, slots=True)
class Watch:
    """What is remembered of one identity (host, component, rule) between two observations.

    `severity` is that of the open alert, None while nothing is open; each `*_since` is the moment from which
    its condition has held without a break.
    """

    severity: Severity | None = None
    warning_since: datetime | None = None
    critical_since: datetime | None = None
    below_critical_since: datetime | None = None
    clear_since: datetime | None = None
    last_at: datetime | None = None
    peak: float | None = None

    @property
    def idle(self) -> bool:
        """Nothing is open and nothing is brewing, so nothing needs to be remembered."""
        return self.severity is None and self.warning_since is None


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state, with the severity it leads to, the threshold in force and the reason in words."""

    kind: EventKind
    severity: Severity
    threshold: float
    since: datetime
    reason: str


def observe(rule: Rule, watch: Watch, value: float, at: datetime) -> tuple[Watch, Change | None]:
    """Take one observation into account and say what changes, if anything does.

    An observation that is not newer than the last one is ignored: samples may arrive late or twice.
    """
    if watch.last_at is not None and at <= watch.last_at:
        return watch, None
    watch = _remember(rule, watch, value, at)
    change = _change(rule, watch, value, at)
    if change is None:
        return watch, None
    if change.kind is EventKind.RESOLVED:
        return Watch(last_at=at), change
    return replace(watch, severity=change.severity), change


def _remember(rule: Rule, watch: Watch, value: float, at: datetime) -> Watch:
    broken = watch.last_at is not None and at - watch.last_at > rule.gap
    if broken:
        watch = Watch(severity=watch.severity, peak=watch.peak)
    return replace(
        watch,
        warning_since=_since(watch.warning_since, at, holds=rule.breached(value) is not None),
        critical_since=_since(watch.critical_since, at, holds=rule.breached(value) is Severity.CRITICAL),
        below_critical_since=_since(
            watch.below_critical_since,
            at,
            holds=rule.critical is None or value < rule.critical - rule.clear_margin,
        ),
        clear_since=_since(watch.clear_since, at, holds=value < _lowest(rule) - rule.clear_margin),
        last_at=at,
        peak=value if watch.peak is None or watch.idle else max(watch.peak, value),
    )


def figure(value: float) -> str:
    """A value as people read it: one decimal where there is one, never an exponent."""
    return f"{value:.1f}".removesuffix(".0")


def _since(since: datetime | None, at: datetime, *, holds: bool) -> datetime | None:
    return (since or at) if holds else None


def _lowest(rule: Rule) -> float:
    return min(threshold for threshold in (rule.warning, rule.critical) if threshold is not None)


def _change(rule: Rule, watch: Watch, value: float, at: datetime) -> Change | None:
    ripe = _ripe(rule, watch, at)
    if watch.severity is None:
        return _to(rule, EventKind.OPENED, ripe, watch, value) if ripe else None
    if ripe and ripe.rank > watch.severity.rank:
        return _to(rule, EventKind.WORSENED, ripe, watch, value)
    if _lasted(watch.clear_since, at, rule.resolves_after):
        return _back(rule, EventKind.RESOLVED, watch.severity, watch.clear_since or at, value)
    if (
        watch.severity is Severity.CRITICAL
        and watch.clear_since is None
        and _lasted(watch.below_critical_since, at, rule.resolves_after)
    ):
        return _back(rule, EventKind.EASED, Severity.WARNING, watch.below_critical_since or at, value)
    return None


def _ripe(rule: Rule, watch: Watch, at: datetime) -> Severity | None:
    """The worst severity whose breach has lasted long enough."""
    if _lasted(watch.critical_since, at, rule.opens_after):
        return Severity.CRITICAL
    return Severity.WARNING if _lasted(watch.warning_since, at, rule.opens_after) else None


def _lasted(since: datetime | None, at: datetime, long_enough: timedelta) -> bool:
    return since is not None and at - since >= long_enough


def _to(rule: Rule, kind: EventKind, severity: Severity, watch: Watch, value: float) -> Change:
    threshold = rule.threshold(severity)
    since = watch.critical_since if severity is Severity.CRITICAL else watch.warning_since
    if threshold is None or since is None:
        raise ValueError(f"rule {rule.name}: {severity} cannot be reached without a threshold")
    where = f"at or above {rule.with_unit(f'{threshold:g}')}"
    return Change(kind, severity, threshold, since, _reason(rule, value, where, since))


def _back(rule: Rule, kind: EventKind, severity: Severity, since: datetime, value: float) -> Change:
    threshold = rule.critical if kind is EventKind.EASED else _lowest(rule)
    if threshold is None:
        raise ValueError(f"rule {rule.name} eased from a severity without a threshold")
    margin, limit = (rule.with_unit(f"{number:g}") for number in (rule.clear_margin, threshold))
    return Change(
        kind, severity, threshold, since, _reason(rule, value, f"more than {margin} under {limit}", since)
    )


def _reason(rule: Rule, value: float, where: str, since: datetime) -> str:
    now = rule.with_unit(figure(value))
    return f"{rule.title} is {now}, and has been {where} since {since:%Y-%m-%d %H:%M:%S} UTC"
