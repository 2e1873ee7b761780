"""Changes of an alert's state that a value brings about: each one an event, in the same transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from domain.alerts import Change, EventKind, Rule, Watch
from models import Alert, events
from models.base import Json


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes two breaches the same alert. Never anything that was rendered."""

    host_id: int
    component: str
    rule: str


def open_alert(
    connection: Connection,
    identity: Identity,
    rule: Rule,
    change: Change,
    watch: Watch,
    *,
    value: float,
    at: datetime,
    snapshot: Json,
    cooldown: timedelta,
    is_drill: bool = False,
) -> int:
    """Open an alert and write its first event; answer its number.

    One that fires again within `cooldown` of its resolution belongs to the same incident.
    """
    alert_id = connection.execute(
        insert(Alert)
        .values(
            incident_id=_incident(connection, identity, at - cooldown),
            opened_at=at,
            breach_since=change.since,
            host_id=identity.host_id,
            value=value,
            peak=max(value, watch.peak or value),
            threshold=change.threshold,
            seq=0,
            is_drill=is_drill,
            component=identity.component,
            rule=rule.name,
            metric=rule.metric,
            unit=rule.unit,
            severity=change.severity,
            message=change.reason,
            snapshot=snapshot,
        )
        .returning(Alert.id)
    ).scalar_one()
    _event(connection, alert_id, change, value=value, at=at, snapshot=snapshot)
    return alert_id


def change_alert(
    connection: Connection,
    identity: Identity,
    change: Change,
    watch: Watch,
    *,
    value: float,
    at: datetime,
    snapshot: Json,
) -> int:
    """Worsen, ease or resolve the open alert of an identity, and write the event; answer its number."""
    changed: dict[str, Any] = {
        "severity": change.severity,
        "value": value,
        "threshold": change.threshold,
        "peak": func.greatest(Alert.peak, watch.peak),
        "message": change.reason,
    }
    if change.kind is EventKind.RESOLVED:
        changed["resolved_at"] = at
    if change.kind is EventKind.WORSENED:
        # Whoever took a warning has not taken a critical.
        changed |= {"acknowledged_at": None, "acknowledged_by": None}
    alert_id = connection.execute(
        update(Alert).where(*_open(identity)).values(changed).returning(Alert.id)
    ).scalar_one()
    _event(connection, alert_id, change, value=value, at=at, snapshot=snapshot)
    return alert_id


def _open(identity: Identity) -> tuple[Any, ...]:
    return (
        Alert.host_id == identity.host_id,
        Alert.component == identity.component,
        Alert.rule == identity.rule,
        Alert.resolved_at.is_(None),
    )


def _incident(connection: Connection, identity: Identity, earliest: datetime) -> int | None:
    return connection.execute(
        select(func.coalesce(Alert.incident_id, Alert.id))
        .where(
            Alert.host_id == identity.host_id,
            Alert.component == identity.component,
            Alert.rule == identity.rule,
            Alert.resolved_at > earliest,
        )
        .order_by(Alert.resolved_at.desc())
        .limit(1)
    ).scalar()


def _event(
    connection: Connection, alert_id: int, change: Change, *, value: float, at: datetime, snapshot: Json
) -> None:
    events.append(
        connection,
        alert_id,
        change.kind,
        at=at,
        reason=change.reason,
        value=value,
        threshold=change.threshold,
        snapshot=snapshot,
    )
