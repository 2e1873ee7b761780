"""What people do to an alert: take it, give it back, end it, write something down beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select, update

from domain.alerts import EventKind
from models import Alert, AlertWatch, Delivery, Host, clock, events

UNASKED = (EventKind.ESCALATED, EventKind.REMINDED)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What came of an acknowledgement: whether it was this one that took the alert, and who has it."""

    taken: bool
    by: str
    at: datetime


class NoSuchAlert(LookupError):  # noqa: N818 - it says what is the case
    """There is no open alert of that number."""


def acknowledge(connection: Connection, alert_id: int, *, by: str) -> Acknowledged:
    """Take an open alert, so that it stops going up and repeating; the first to take it has it.

    Raises NoSuchAlert where no alert of that number is open.
    """
    row = _open_one(connection, alert_id)
    if row["acknowledged_at"] is not None:
        return Acknowledged(taken=False, by=row["acknowledged_by"], at=row["acknowledged_at"])
    at = clock.now(connection)
    _write(connection, alert_id, acknowledged_at=at, acknowledged_by=by)
    events.append(connection, alert_id, EventKind.ACKNOWLEDGED, at=at, actor=by, reason=f"{by} took it")
    _withdraw(connection, alert_id, at, f"{by} acknowledged it before it was sent")
    return Acknowledged(taken=True, by=by, at=at)


def unacknowledge(connection: Connection, alert_id: int, *, by: str) -> str | None:
    """Give an open alert back, so that it repeats and goes up again; answer who had it, None for nobody.

    Raises NoSuchAlert where no alert of that number is open.
    """
    had: str | None = _open_one(connection, alert_id)["acknowledged_by"]
    if had is None:
        return None
    _write(connection, alert_id, acknowledged_at=None, acknowledged_by=None)
    reason = f"{by} gave it back" if by == had else f"{by} took it from {had}, and nobody has it now"
    at = clock.now(connection)
    events.append(connection, alert_id, EventKind.UNACKNOWLEDGED, at=at, actor=by, reason=reason)
    return had


def resolve(connection: Connection, alert_id: int, *, by: str, reason: str) -> None:
    """End an open alert by hand. A breach that goes on opens a new one once it has lasted anew.

    Raises NoSuchAlert where no alert of that number is open.
    """
    _lock_host(connection, alert_id)
    row = _open_one(connection, alert_id)
    at = clock.now(connection)
    _write(connection, alert_id, resolved_at=at)
    # Who evaluates remembers that it is open, and how long the breach has lasted.
    connection.execute(
        delete(AlertWatch).where(
            AlertWatch.host_id == row["host_id"],
            AlertWatch.component == row["component"],
            AlertWatch.rule == row["rule"],
        )
    )
    events.append(
        connection,
        alert_id,
        EventKind.RESOLVED,
        at=at,
        actor=by,
        reason=f"{by} ended it by hand: {reason}",
        value=row["value"],
        threshold=row["threshold"],
    )
    _withdraw(connection, alert_id, at, f"{by} ended it before it was sent")


def note(connection: Connection, alert_id: int, *, by: str, text: str) -> None:
    """Write something down beside an alert, open or over; it is sent to nobody.

    Raises NoSuchAlert where there is no alert of that number.
    """
    _locked(connection, alert_id)
    events.append(connection, alert_id, EventKind.NOTED, at=clock.now(connection), actor=by, reason=text)


def _lock_host(connection: Connection, alert_id: int) -> None:
    """Keep evaluation out until the transaction ends; it locks the host first and then its alerts, too."""
    of_alert = select(Alert.host_id).where(Alert.id == alert_id).scalar_subquery()
    connection.execute(select(Host.id).where(Host.id == of_alert).with_for_update())


def _open_one(connection: Connection, alert_id: int) -> RowMapping:
    row = _locked(connection, alert_id)
    if row["resolved_at"] is not None:
        raise NoSuchAlert(f"alert {alert_id} is over since {row['resolved_at']:%Y-%m-%d %H:%M:%S} UTC")
    return row


def _locked(connection: Connection, alert_id: int) -> RowMapping:
    query = select(Alert.__table__).where(Alert.id == alert_id).with_for_update()
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NoSuchAlert(f"there is no alert {alert_id}")
    return row


def _write(connection: Connection, alert_id: int, **values: Any) -> None:
    connection.execute(update(Alert).where(Alert.id == alert_id).values(values))


def _withdraw(connection: Connection, alert_id: int, at: datetime, reason: str) -> None:
    """Withdraw the steps and reminders of an alert that are not sent yet."""
    connection.execute(
        update(Delivery)
        .where(Delivery.alert_id == alert_id, Delivery.state == "pending", Delivery.kind.in_(UNASKED))
        .values(state="superseded", finished_at=at, reason=reason)
    )
