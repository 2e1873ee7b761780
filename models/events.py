"""The one way to write an event of an alert: numbered, in the transaction that makes the change."""

from datetime import datetime

from sqlalchemy import Connection, insert, update

import tracing
from domain.alerts import EventKind
from models.alerts import Alert, AlertEvent
from models.base import Json

MONITOR = "tocsin"


def append(
    connection: Connection,
    alert_id: int,
    kind: EventKind,
    *,
    at: datetime,
    reason: str,
    actor: str = MONITOR,
    value: float | None = None,
    threshold: float | None = None,
    step: int | None = None,
    snapshot: Json | None = None,
) -> int:
    """Append an event with the alert's next number and present severity; answer its id."""
    seq, severity = connection.execute(
        update(Alert)
        .where(Alert.id == alert_id)
        .values(seq=Alert.seq + 1)
        .returning(Alert.seq, Alert.severity)
    ).one()
    return connection.execute(
        insert(AlertEvent)
        .values(
            alert_id=alert_id,
            at=at,
            seq=seq,
            step=step,
            value=value,
            threshold=threshold,
            kind=kind,
            severity=severity,
            actor=actor,
            reason=reason,
            trace=tracing.current(),
            snapshot=snapshot,
        )
        .returning(AlertEvent.id)
    ).scalar_one()
