"""The policy as one frozen value: what is worth an alert, who hears of it, and when nobody does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from domain.alerts import Rule
from domain.severity import Severity
from policy.destinations import AnyDestination
from policy.routes import Escalation, Route, taken
from policy.rules import RuleEntry, effective
from policy.windows import Hold, Maintenance, QuietHours

# Rules are asked for with every sample; a thousand hosts with ten mounts fit in.
MOST_REMEMBERED = 20_000

REPEAT = {Severity.CRITICAL: timedelta(minutes=15), Severity.WARNING: timedelta(minutes=60)}


@dataclass(frozen=True, slots=True)
class Policy:
    """What the file `tocsin.toml` and the environment say together.

    `repeat` is after how long an alert that nobody acknowledged is told again; a severity that is not in it
    is told once. `acknowledgement_expires` is after how long an acknowledged alert that still fires needs a
    new acknowledgement, None for never.
    `oddities` are sentences about what is allowed and looks like a mistake.
    """

    rules: tuple[RuleEntry, ...]
    destinations: Mapping[str, AnyDestination]
    routes: tuple[Route, ...]
    cooldown: timedelta
    repeat: Mapping[Severity, timedelta] = field(default_factory=lambda: dict(REPEAT))
    escalations: Mapping[str, Escalation] = field(default_factory=dict)
    maintenance: tuple[Maintenance, ...] = ()
    quiet_hours: QuietHours | None = None
    acknowledgement_expires: timedelta | None = None
    source: Path | None = None
    oddities: tuple[str, ...] = ()
    _found: dict[tuple[str, str, str | None], tuple[Rule, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def rules_for(self, host: str, component: str, mount: str | None = None) -> Sequence[Rule]:
        """The rules that hold on a host for `cpu`, `memory`, `disk` (with its mount), `host`, `database` …"""
        key = (host, component, mount)
        found = self._found.get(key)
        if found is None:
            entries = (entry for entry in self.rules if entry.metric.component == component)
            rules = (entry.rule() for entry in effective(entries, host=host, mount=mount))
            found = tuple(rule for rule in rules if rule is not None)
            if len(self._found) >= MOST_REMEMBERED:
                self._found.clear()
            self._found[key] = found
        return found

    def route(self, *, host: str, component: str, severity: Severity) -> tuple[str, ...]:
        """The names of the destinations that are told at once, each once, in the order of the routes."""
        routes = taken(self.routes, host=host, component=component, severity=severity)
        return tuple(dict.fromkeys(name for route in routes for name in route.destinations))

    def escalate(self, *, host: str, component: str, severity: Severity) -> Sequence[Escalation]:
        """The escalations that begin when an alert opens; most often none or one."""
        routes = taken(self.routes, host=host, component=component, severity=severity)
        named = {route.escalation.name: route.escalation for route in routes if route.escalation}
        return tuple(named.values())

    def hold(self, *, host: str, component: str, severity: Severity, at: datetime) -> Hold | None:
        """Why nobody is to be told at this moment, the hold that lasts longest; None when people are told."""
        holds = [m.hold(host=host, component=component, severity=severity, at=at) for m in self.maintenance]
        if self.quiet_hours:
            holds.append(self.quiet_hours.hold(severity, at))
        return max((hold for hold in holds if hold), key=lambda hold: hold.until, default=None)
