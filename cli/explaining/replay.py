"""What the rules that hold now make of samples of the past, by the decision that opens alerts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.alerts import Rule, Watch, observe
from domain.severity import Severity
from notifications.quantities import moment, quantity, span
from policy.durations import spelt
from worker.observations import Observation


@dataclass(slots=True)
class Replayed:
    """What became of one component under one rule; a breach runs from `begins` to `ends`."""

    component: str
    rule: Rule
    watch: Watch = field(default_factory=Watch)
    value: float = 0.0
    at: datetime | None = None
    worst: float = 0.0
    severity: Severity | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    opened_at: datetime | None = None

    def take(self, value: float, at: datetime) -> None:
        before = self.watch.severity
        self.watch, _ = observe(self.rule, self.watch, value, at)
        if before is None and self.watch.severity is not None:
            self.opened_at = at
        self.value, self.at = value, at
        self._breach(value, at)

    def _breach(self, value: float, at: datetime) -> None:
        severity = self.rule.breached(value)
        if severity is None:
            return
        if self.ends is None or at - self.ends > self.rule.gap:
            self.begins, self.worst, self.severity = at, value, severity
        if self.severity is None or severity.rank > self.severity.rank:
            self.severity = severity
        self.worst, self.ends = max(self.worst, value), at

    @property
    def lasted(self) -> timedelta:
        return self.ends - self.begins if self.begins and self.ends else timedelta(0)

    @property
    def limits(self) -> str:
        """The thresholds in words, as `warning from 70 %, critical from 90 %`."""
        limits = {s: self.rule.threshold(s) for s in Severity}
        return ", ".join(
            f"{s} from {quantity(t, self.rule.unit)}" for s, t in limits.items() if t is not None
        )

    @property
    def reading(self) -> str:
        """The last value with its thresholds."""
        value = quantity(self.value, self.rule.unit)
        return f"{self.component}: {self.rule.metric} {value} (rule {self.rule.name}: {self.limits})"

    @property
    def brief(self) -> str:
        """Why a breach opened nothing: it did not last."""
        if not (self.begins and self.ends and self.severity):
            return ""
        return (
            f"{self.component}: {self.rule.metric} was up to {quantity(self.worst, self.rule.unit)} from"
            f" {moment(self.begins)} on, for {span(self.lasted)}; rule {self.rule.name} wants"
            f" {spelt(self.rule.opens_after)} before it is worth an alert"
        )


def replay(moments: Iterable[tuple[datetime, Sequence[Observation]]]) -> Sequence[Replayed]:
    """Hold observations in the order of time against their rules, as if nothing had been open before."""
    found: dict[tuple[str, str], Replayed] = {}
    for at, seen in moments:
        for one in seen:
            key = (one.component, one.rule.name)
            found.setdefault(key, Replayed(one.component, one.rule)).take(one.value, at)
    return list(found.values())


def merged(
    readings: Mapping[datetime, Sequence[Observation]], disks: Mapping[datetime, Sequence[Observation]]
) -> list[tuple[datetime, Sequence[Observation]]]:
    """What was observed of the machine and of its partitions, in the order of time."""
    times = sorted({*readings, *disks})
    return [(at, [*readings.get(at, ()), *disks.get(at, ())]) for at in times]
