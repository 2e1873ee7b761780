"""What comes next for an alert if nobody does anything, by the same decisions that planning makes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from domain.severity import Severity
from notifications import flapping
from notifications.escalation import next_step
from notifications.followups import open_alerts, reminder_at
from notifications.incidents import Incident, Incidents
from notifications.notice import Coming
from notifications.quiet import quiet
from notifications.silences import Quiet
from policy import Hold, Policy

__all__ = ["Coming", "foresee"]


def foresee(
    connection: Connection, policy: Policy, alert_id: int, now: datetime, *, telling: bool = False
) -> Sequence[Coming]:
    """What comes next for one alert, the earliest first; nothing for one that is over.

    With `telling` somebody is being told of it at this moment, which the outbox does not say yet.
    """
    alert = next(iter(open_alerts(connection, alert_id)), None)
    if alert is None:
        return []
    incident = Incidents(connection, [alert.incident_id])[alert.incident_id]
    told_at = now if telling else alert.told_at
    coming = _coming(alert, incident, quiet(connection, policy, now), now, told_at)
    return sorted(coming, key=lambda one: (one.at is None, one.at or now))


def _coming(
    alert: Any, incident: Incident, in_peace: Quiet, now: datetime, told_at: datetime | None
) -> Iterator[Coming]:
    if alert.acknowledged_at is not None:
        yield _taken(alert, in_peace.policy)
    elif incident.flapping_since is not None:
        yield _flapping(alert, incident, in_peace.policy)
    else:
        about = {"host": alert.host, "component": alert.component, "severity": Severity(alert.severity)}
        hold = in_peace.hold(**about, at=now)
        yield from _unanswered(alert, incident, in_peace, hold, told_at)


def _taken(alert: Any, policy: Policy) -> Coming:
    if policy.acknowledgement_expires is None:
        return Coming(None, f"{alert.acknowledged_by} has it: nobody is told again unless it gets worse")
    return Coming(
        alert.acknowledged_at + policy.acknowledgement_expires,
        f"the acknowledgement of {alert.acknowledged_by} runs out; reminders and steps go on then",
    )


def _flapping(alert: Any, incident: Incident, policy: Policy) -> Coming:
    steady = flapping.steady_for(Severity(alert.severity), window=policy.cooldown)
    return Coming(incident.changes[-1] + steady, "it has stopped flapping, if it changes no more until then")


def _unanswered(
    alert: Any, incident: Incident, in_peace: Quiet, hold: Hold | None, told_at: datetime | None
) -> Iterator[Coming]:
    """The next step and the next reminder, which wait for the end of a silence."""
    severity, policy = Severity(alert.severity), in_peace.policy
    why = f", after {hold.reason}" if hold else ""
    waiting = incident.waiting(alert.id)
    steps = policy.escalate(host=alert.host, component=alert.component, severity=severity)
    step = next_step(steps, waiting) if waiting else None
    if step is not None:
        names = ", ".join(step.destinations)
        what = f"step {step.number}, unless somebody acknowledges it: {names} will be told{why}"
        yield Coming(_later(step.at, hold), what)
    again_at = reminder_at(told_at, incident, policy.repeat.get(severity))
    if again_at is not None:
        what = f"a reminder to everybody who was told, unless somebody acknowledges it{why}"
        yield Coming(_later(again_at, hold), what)


def _later(at: datetime, hold: Hold | None) -> datetime:
    return max(at, hold.until) if hold else at
