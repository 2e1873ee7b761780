"""Reads what was told, or could have been, to tell it again elsewhere; every row stays as it is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from domain.alerts import EventKind
from domain.severity import Severity
from models import Alert, AlertEvent, Delivery, Host
from notifications.cooldown import Occasion
from notifications.delivery.notices import notices
from notifications.delivery.parcel import Claimed
from notifications.history import Recipient
from notifications.notice import Notice

_ABOUT: tuple[Any, ...] = (
    Alert.id.label("alert_id"),
    Alert.incident_id,
    Alert.component,
    Alert.opened_at,
    Alert.resolved_at,
    Host.name.label("host"),
)


def stored_notice(
    connection: Connection, delivery_id: int, *, runbooks: str | None = None
) -> tuple[Notice, str] | None:
    """The notice of a delivery and the name of its destination; None where there is no such delivery.

    Of a digest it is the one event that the delivery is about.
    """
    query = _deliveries().where(Delivery.id == delivery_id)
    claimed = [_claimed(row) for row in connection.execute(query)]
    if not claimed:
        return None
    [notice] = _told(connection, claimed, runbooks)
    return notice, claimed[0].recipient.destination


def alert_notices(connection: Connection, alert_id: int, *, runbooks: str | None = None) -> Sequence[Notice]:
    """What could be told of an alert: a notice for each of its events, in order; none of an unknown alert."""
    query = _events().where(AlertEvent.alert_id == alert_id).order_by(AlertEvent.seq)
    return _told(connection, [_claimed(row) for row in connection.execute(query)], runbooks)


def last_notices(connection: Connection, most: int, *, runbooks: str | None = None) -> Sequence[Notice]:
    """The same of the `most` newest events of all alerts, the newest first."""
    query = _events().order_by(AlertEvent.id.desc()).limit(most)
    return _told(connection, [_claimed(row) for row in connection.execute(query)], runbooks)


def _told(connection: Connection, claimed: Sequence[Claimed], runbooks: str | None) -> Sequence[Notice]:
    found = notices(connection, claimed, runbooks=runbooks)
    return [found[one.id] for one in claimed]


def _deliveries() -> Select[Any]:
    own = (Delivery.id, Delivery.event_id, Delivery.kind, Delivery.severity, Delivery.created_at.label("at"))
    query = select(*own, Delivery.destination, Delivery.recipient, *_ABOUT)
    return query.join(Alert, Alert.id == Delivery.alert_id).join(Host, Host.id == Alert.host_id)


def _events() -> Select[Any]:
    event_id = AlertEvent.id.label("event_id")
    query = select(AlertEvent.id, event_id, AlertEvent.kind, AlertEvent.severity, AlertEvent.at, *_ABOUT)
    return query.join(Alert, Alert.id == AlertEvent.alert_id).join(Host, Host.id == Alert.host_id)


def _claimed(row: Any) -> Claimed:
    """What is told, as a sender would have it, though nobody has it: no lease is taken."""
    kind = EventKind(row.kind)
    return Claimed(
        id=row.id,
        event_id=row.event_id,
        alert_id=row.alert_id,
        incident_id=row.incident_id or row.alert_id,
        recipient=Recipient(getattr(row, "destination", ""), getattr(row, "recipient", "")),
        occasion=Occasion(kind, Severity(row.severity), row.opened_at),
        host=row.host,
        component=row.component,
        over=kind is EventKind.RESOLVED or row.resolved_at is not None,
        planned_at=row.at,
        waits_since=row.at,
        failures=0,
        thread=None,
        repeated=False,
        fallback_for=None,
    )
