"""The first messages of incidents that can be edited: remembered, found where they are behind, put off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text, update
from sqlalchemy.dialects.postgresql import insert

from domain.alerts import EventKind
from domain.severity import Severity
from models import FirstMessage
from notifications import keepsake, retry
from notifications.channels.base import Edit
from notifications.delivery.parcel import Outcome, Parcel
from notifications.first_line import SHOWN, Stand, restated
from notifications.slack_buttons import Answerable
from notifications.wording import show_alert

# Longer than any edit takes; whoever dies over one leaves it to the next for so long.
LEASE = timedelta(seconds=30)

# Pages go first: nothing is edited while any is due for the destination, one of the incident is to be tried
# again, or the destination is left alone. A failed edit holds the others back until it may be tried again, as
# it is the destination that failed.
BEHIND = text("""
      WITH newest AS (
           SELECT DISTINCT ON (coalesce(a.incident_id, a.id))
                  coalesce(a.incident_id, a.id) AS incident_id, a.id AS alert_id, a.opened_at,
                  a.acknowledged_by, e.id, e.kind, e.severity, e.at, e.actor, e.step
             FROM alert_events AS e
             JOIN infrastructure_alerts AS a ON a.id = e.alert_id
            WHERE e.at > :since AND e.planned_at IS NOT NULL AND e.kind = ANY(CAST(:kinds AS text[]))
            ORDER BY coalesce(a.incident_id, a.id), e.id DESC)
    SELECT f.delivery_id, f.place, f.failures, d.provider_id, d.rendered, d.finished_at, n.*
      FROM first_messages AS f
      JOIN notification_deliveries AS d ON d.id = f.delivery_id
      JOIN newest AS n ON n.incident_id = f.incident_id AND n.id > f.shown_event_id
     WHERE d.destination = :destination AND f.due_at <= :now
       AND NOT EXISTS (SELECT FROM notification_deliveries AS o
                        WHERE o.destination = :destination AND o.state IN ('pending', 'sending')
                          AND (o.due_at <= :now OR o.attempts > 0 AND o.incident_id = f.incident_id))
       AND NOT EXISTS (SELECT FROM destination_states AS s
                        WHERE s.destination = :destination AND s.open_until > :now)
       AND NOT EXISTS (SELECT FROM first_messages AS p
                         JOIN notification_deliveries AS o ON o.id = p.delivery_id
                        WHERE o.destination = :destination AND p.failures > 0 AND p.due_at > :now)
     ORDER BY f.failures, n.id
     LIMIT 1
       FOR UPDATE OF f SKIP LOCKED
""")


@dataclass(frozen=True, slots=True)
class Behind:
    """A first message that does not show how its incident stands since the event `event_id`."""

    delivery_id: int
    alert_id: int
    event_id: int
    failures: int
    edit: Edit


def remember(connection: Connection, parcel: Parcel, outcome: Outcome, now: datetime) -> None:
    """Note what was sent just now if it is the first message of one incident and can be edited."""
    receipt, first = outcome.receipt, parcel.claimed[0]
    if receipt is None or receipt.place is None or parcel.bundle is not None or first.thread is not None:
        return
    shows = {"shown_event_id": first.event_id, "due_at": now, "failures": 0, "place": receipt.place}
    new = insert(FirstMessage).values(delivery_id=first.id, incident_id=first.incident_id, **shows)
    # A copy that arrives later is the message from then on, and shows nothing yet.
    connection.execute(new.on_conflict_do_update(index_elements=["delivery_id"], set_=shows))


def take(connection: Connection, destination: str, now: datetime) -> Behind | None:
    """The next message of a destination that is to be edited, kept from others for a while; None if none is.

    What could not be shown for as long as a page is tried is not shown any more.
    """
    about = {"destination": destination, "now": now, "kinds": sorted(SHOWN)}
    row = connection.execute(BEHIND, about | {"since": now - retry.GIVE_UP_AFTER}).one_or_none()
    if row is None:
        return None
    _write(connection, row.delivery_id, due_at=now + LEASE)
    edit = Edit(
        place=row.place,
        provider_id=row.provider_id,
        rendered=restated(keepsake.read(row.rendered or {}), _stand(row)),
        where=show_alert(row.alert_id),
        answerable=_answerable(row),
    )
    return Behind(row.delivery_id, row.alert_id, row.id, row.failures, edit)


def shown(connection: Connection, behind: Behind, answer: str, now: datetime) -> None:
    """It shows that event now, or never will."""
    _write(
        connection, behind.delivery_id, shown_event_id=behind.event_id, failures=0, due_at=now, answer=answer
    )


def put_off(connection: Connection, behind: Behind, answer: str, until: datetime) -> None:
    _write(connection, behind.delivery_id, failures=behind.failures + 1, due_at=until, answer=answer)


def _write(connection: Connection, delivery_id: int, **values: Any) -> None:
    connection.execute(update(FirstMessage).where(FirstMessage.delivery_id == delivery_id).values(values))


def _answerable(row: Any) -> Answerable | None:
    if row.kind == EventKind.RESOLVED:
        return None
    return Answerable(row.alert_id, taken=row.acknowledged_by is not None)


def _stand(row: Any) -> Stand:
    return Stand(
        kind=EventKind(row.kind),
        severity=Severity(row.severity),
        at=row.at,
        actor=row.actor,
        opened_at=row.opened_at,
        sent_at=row.finished_at,
        step=row.step,
        taken_by=row.acknowledged_by,
    )
