"""Alert history for tests of retention: incidents with all that hangs on them."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from models import Alert, AlertEvent, Attempt, Decision, Delivery, FirstMessage


def add_alert(
    connection: Connection,
    host_id: int,
    opened: datetime,
    resolved: datetime | None,
    *,
    of: int | None = None,
) -> int:
    """An alert with an event, a message, two attempts and a decision; `of` is the first of its incident."""
    alert_id: int = connection.execute(
        insert(Alert)
        .values(
            incident_id=of,
            host_id=host_id,
            opened_at=opened,
            breach_since=opened - timedelta(minutes=1),
            resolved_at=resolved,
            value=95,
            peak=99,
            threshold=90,
            component="cpu",
            rule=f"cpu {opened:%d %H:%M}",
            metric="cpu_percent",
            unit="percent",
            severity="critical",
            message="CPU is busy",
            snapshot={},
        )
        .returning(Alert.id)
    ).scalar_one()
    add_delivery(connection, alert_id, of or alert_id, opened)
    return alert_id


def add_delivery(
    connection: Connection,
    alert_id: int,
    incident_id: int,
    at: datetime,
    *,
    seq: int = 1,
    state: str = "delivered",
) -> None:
    """One more event of an alert, with a message in `state`."""
    event_id = connection.execute(
        insert(AlertEvent)
        .values(
            alert_id=alert_id,
            at=at,
            seq=seq,
            kind="opened",
            severity="critical",
            actor="recorder",
            reason="because",
        )
        .returning(AlertEvent.id)
    ).scalar_one()
    delivery_id = connection.execute(
        insert(Delivery)
        .values(
            event_id=event_id,
            alert_id=alert_id,
            incident_id=incident_id,
            created_at=at,
            due_at=at,
            finished_at=at + timedelta(seconds=2),
            destination="slack",
            kind="opened",
            severity="critical",
            state=state,
            reason="new",
        )
        .returning(Delivery.id)
    ).scalar_one()
    connection.execute(
        insert(FirstMessage).values(
            delivery_id=delivery_id, incident_id=incident_id, shown_event_id=event_id, due_at=at, place="C1"
        )
    )
    attempt = {"delivery_id": delivery_id, "started_at": at, "duration_ms": 80, "answer": "200 ok"}
    connection.execute(
        insert(Attempt), [{**attempt, "outcome": outcome} for outcome in ("retry", "delivered")]
    )
    connection.execute(
        insert(Decision).values(
            event_id=event_id,
            alert_id=alert_id,
            at=at,
            destination="slack",
            verdict="send",
            cause="news",
            reason="new",
        )
    )
