"""Reads what a delivery told, to tell it again elsewhere; the row stays as it is."""

from sqlalchemy import Connection, select

from domain.alerts import EventKind
from domain.severity import Severity
from models import Alert, Delivery, Host
from notifications.cooldown import Occasion
from notifications.delivery.notices import notices
from notifications.delivery.parcel import Claimed
from notifications.history import Recipient
from notifications.notice import Notice


def stored_notice(
    connection: Connection, delivery_id: int, *, runbooks: str | None = None
) -> tuple[Notice, str] | None:
    """The notice of a delivery and the name of its destination; None where there is no such delivery.

    Of a digest it is the one event that the delivery is about.
    """
    claimed = _claimed(connection, delivery_id)
    if claimed is None:
        return None
    return notices(connection, [claimed], runbooks=runbooks)[claimed.id], claimed.recipient.destination


def _claimed(connection: Connection, delivery_id: int) -> Claimed | None:
    """The delivery as a sender would have it, though nobody has it: no lease is taken."""
    row = connection.execute(
        select(
            Delivery.__table__, Alert.component, Alert.opened_at, Alert.resolved_at, Host.name.label("host")
        )
        .join(Alert, Alert.id == Delivery.alert_id)
        .join(Host, Host.id == Alert.host_id)
        .where(Delivery.id == delivery_id)
    ).one_or_none()
    if row is None:
        return None
    kind = EventKind(row.kind)
    return Claimed(
        id=row.id,
        event_id=row.event_id,
        alert_id=row.alert_id,
        incident_id=row.incident_id,
        recipient=Recipient(row.destination, row.recipient),
        occasion=Occasion(kind, Severity(row.severity), row.opened_at),
        host=row.host,
        component=row.component,
        over=kind is EventKind.RESOLVED or row.resolved_at is not None,
        planned_at=row.created_at,
        waits_since=row.created_at,
        failures=0,
        thread=None,
        repeated=False,
        fallback_for=None,
    )
