"""What follows when nobody does anything: reminders, escalation steps, expired acknowledgements, rest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, true, update
from sqlalchemy.dialects.postgresql import distinct_on

from domain.alerts import EventKind
from domain.severity import Severity
from models import Alert, AlertEvent, Delivery, Host, events
from notifications import flapping
from notifications.cooldown import FIRING
from notifications.escalation import due_step
from notifications.incidents import Incident, Incidents
from notifications.silences import Quiet


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An event that the passing of time brings about, with the reason in words."""

    alert_id: int
    kind: EventKind
    reason: str
    step: int | None = None


def follow_up(connection: Connection, quiet: Quiet, now: datetime) -> int:
    """Write the events that are due by now, in the caller's transaction; answer how many.

    The caller is the only planner at work, so each is written once.
    """
    due = [*_open(connection, quiet, now), *_rested(connection, quiet, now)]
    return sum(_write(connection, one, now) for one in due)


def _open(connection: Connection, quiet: Quiet, now: datetime) -> Iterable[FollowUp]:
    alerts = open_alerts(connection)
    incidents = Incidents(connection, (alert.incident_id for alert in alerts))
    for alert in alerts:
        one = _next(alert, incidents[alert.incident_id], quiet, now)
        if one is not None:
            yield one


def _next(alert: Any, incident: Incident, quiet: Quiet, now: datetime) -> FollowUp | None:
    if alert.acknowledged_at is not None:
        return _expired(alert, quiet.policy.acknowledgement_expires, now)
    about = {"host": alert.host, "component": alert.component, "severity": Severity(alert.severity)}
    if incident.flapping_since is not None or quiet.hold(**about, at=now) is not None:
        return None
    waiting = incident.waiting(alert.id)
    step = due_step(quiet.policy.escalate(**about), waiting, now) if waiting else None
    if step is not None:
        return FollowUp(alert.id, EventKind.ESCALATED, step.reason, step.number)
    return _reminder(alert, incident, quiet.policy.repeat.get(about["severity"]), now)


def _expired(alert: Any, expires: timedelta | None, now: datetime) -> FollowUp | None:
    if expires is None or now < alert.acknowledged_at + expires:
        return None
    hours = expires.total_seconds() / 3600
    reason = f"{alert.acknowledged_by} took it {hours:g} hours ago and it still fires"
    return FollowUp(alert.id, EventKind.UNACKNOWLEDGED, reason)


def _reminder(alert: Any, incident: Incident, repeat: timedelta | None, now: datetime) -> FollowUp | None:
    at = reminder_at(alert.told_at, incident, repeat)
    if repeat is None or at is None or now < at:
        return None
    minutes = repeat.total_seconds() / 60
    reason = f"it still fires, and nobody has acknowledged it for {minutes:g} minutes since it was last told"
    return FollowUp(alert.id, EventKind.REMINDED, reason)


def reminder_at(told_at: datetime | None, incident: Incident, repeat: timedelta | None) -> datetime | None:
    """When an alert that nobody acknowledges is told again; None for never, or while nobody was told."""
    if repeat is None or told_at is None:
        return None
    # One that could not be delivered yet counts as well, or there would be another at each look.
    asked_at = [e.at for e in incident.events if e.kind in (EventKind.REMINDED, EventKind.ESCALATED)]
    return max([told_at, *asked_at]) + repeat


def _rested(connection: Connection, quiet: Quiet, now: datetime) -> Iterable[FollowUp]:
    newest = _newest_of_flapping(connection)
    incidents = Incidents(connection, (alert.incident_id for alert in newest))
    for alert in newest:
        incident = incidents[alert.incident_id]
        firing = Severity(alert.severity) if alert.resolved_at is None else None
        if incident.flapping_since is None:
            continue
        reason = flapping.is_over(incident.changes[-1], firing, window=quiet.policy.cooldown, now=now)
        if reason is not None:
            yield FollowUp(alert.id, EventKind.SETTLED, reason)


def _write(connection: Connection, one: FollowUp, now: datetime) -> bool:
    """Write it unless somebody acknowledged or ended the alert meanwhile; whoever does so locks its row."""
    alert = connection.execute(
        select(Alert.acknowledged_at, Alert.resolved_at).where(Alert.id == one.alert_id).with_for_update()
    ).one()
    if one.kind is EventKind.UNACKNOWLEDGED:
        connection.execute(
            update(Alert).where(Alert.id == one.alert_id).values(acknowledged_at=None, acknowledged_by=None)
        )
    elif one.kind is not EventKind.SETTLED and (alert.acknowledged_at or alert.resolved_at):
        return False
    events.append(connection, one.alert_id, one.kind, at=now, reason=one.reason, step=one.step)
    return True


INCIDENT = func.coalesce(Alert.incident_id, Alert.id)


def open_alerts(connection: Connection, alert_id: int | None = None) -> Sequence[Any]:
    """Every open alert, or one, with its incident and when anybody was last told that it fires."""
    told_at = (
        select(func.max(Delivery.finished_at))
        .where(Delivery.incident_id == INCIDENT, Delivery.state == "delivered", Delivery.kind.in_(FIRING))
        .scalar_subquery()
    )
    one = true() if alert_id is None else Alert.id == alert_id
    return connection.execute(
        select(
            Alert.id,
            INCIDENT.label("incident_id"),
            Alert.component,
            Alert.severity,
            Alert.acknowledged_at,
            Alert.acknowledged_by,
            Host.name.label("host"),
            told_at.label("told_at"),
        )
        .join(Host, Host.id == Alert.host_id)
        .where(Alert.resolved_at.is_(None), one)
        .order_by(Alert.id)
    ).all()


def _newest_of_flapping(connection: Connection) -> Sequence[Any]:
    """The newest alert of each incident that has begun to flap and has not come to rest since."""
    kinds = (EventKind.FLAPPING, EventKind.SETTLED)
    last = (
        select(INCIDENT.label("incident_id"), AlertEvent.kind)
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .where(AlertEvent.kind.in_(kinds))
        .ext(distinct_on(INCIDENT))
        .order_by(INCIDENT, AlertEvent.id.desc())
        .subquery()
    )
    return connection.execute(
        select(Alert.id, INCIDENT.label("incident_id"), Alert.severity, Alert.resolved_at)
        .join(last, last.c.incident_id == INCIDENT)
        .where(last.c.kind == EventKind.FLAPPING)
        .ext(distinct_on(INCIDENT))
        .order_by(INCIDENT, Alert.id.desc())
    ).all()
