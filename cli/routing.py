"""Who would be told of an alert: at once, later, and why not at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.output import say
from domain.severity import Severity
from notifications.silences import Quiet
from policy import Escalation, Hold, Policy
from policy.durations import spelt


@dataclass(frozen=True, slots=True)
class Routed:
    """What the policy comes to for one alert; `fallbacks` says who stands in for whom."""

    destinations: Sequence[str]
    escalations: Sequence[Escalation]
    hold: Hold | None
    fallbacks: Mapping[str, str]


def routed(
    policy: Policy, in_peace: Quiet, *, host: str, component: str, severity: Severity, at: datetime
) -> Routed:
    """Who would be told of such an alert, by the policy and the silences that live alerts obey."""
    names = policy.route(host=host, component=component, severity=severity)
    steps = policy.escalate(host=host, component=component, severity=severity)
    hold = in_peace.hold(host=host, component=component, severity=severity, at=at)
    everybody = dict.fromkeys([*names, *(n for e in steps for step in e.steps for n in step.destinations)])
    known = policy.destinations
    stand_ins = {n: known[n].fallback for n in everybody if n in known}
    fallbacks = {name: stand_in for name, stand_in in stand_ins.items() if stand_in}
    return Routed(names, steps, hold, fallbacks)


def say_routed(found: Routed) -> None:
    """Print it for people."""
    say(f"at once: {', '.join(found.destinations) or 'nobody'}")
    for escalation in found.escalations:
        _say_steps(escalation)
    for name, stand_in in found.fallbacks.items():
        say(f"if {name} cannot be reached: {stand_in}")
    if found.hold:
        say(f"held back now: {found.hold.reason}")


def _say_steps(escalation: Escalation) -> None:
    for step in escalation.steps:
        say(f"after {spelt(step.after)}: {', '.join(step.destinations)} (escalation {escalation.name})")
    if escalation.repeat:
        most = f", {escalation.repeats} times at most" if escalation.repeats else ""
        say(f"then every {spelt(escalation.repeat)} until somebody acknowledges{most}")
