"""The deliveries of the outbox, read as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, text


class State(StrEnum):
    """How a delivery stands, the ones that want looking after first."""

    DEAD = "dead"
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries: of this state and destination, planned since then, at most so many."""

    state: State | None
    destination: str | None
    since: datetime | None
    most: int


@dataclass(frozen=True, slots=True)
class ListedDelivery:
    """A delivery in a list; `tries` counts its attempts, those before a fresh start included."""

    id: int
    alert_id: int
    host: str
    component: str
    kind: str
    severity: str
    step: int
    destination: str
    recipient: str
    state: str
    tries: int
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    fallback_for: str | None
    digest_id: int | None
    summary: str | None
    provider_id: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """One try, and what came of it."""

    started_at: datetime
    duration_ms: float
    outcome: str
    answer: str


def listed(connection: Connection, wanted: Wanted) -> list[ListedDelivery]:
    """Those that are wanted: the dead first, then what waits, then the rest; of each the newest first."""
    about = {
        "id": None,
        "state": wanted.state,
        "destination": wanted.destination,
        "since": wanted.since,
        "most": wanted.most,
    }
    return [ListedDelivery(**row) for row in connection.execute(_LISTED, about).mappings()]


def one(connection: Connection, delivery_id: int) -> ListedDelivery | None:
    about = {"id": delivery_id, "state": None, "destination": None, "since": None, "most": 1}
    row = connection.execute(_LISTED, about).mappings().first()
    return ListedDelivery(**row) if row else None


def attempts(connection: Connection, delivery_id: int) -> Sequence[DeliveryAttempt]:
    """Every try at one delivery, in order."""
    return [DeliveryAttempt(**row) for row in connection.execute(_ATTEMPTS, {"id": delivery_id}).mappings()]


_LISTED = text("""
    SELECT d.id, d.alert_id, h.name AS host, a.component, d.kind, d.severity, d.step, d.destination,
           d.recipient, d.state, d.created_at, d.due_at, d.finished_at, d.fallback_for, d.digest_id,
           d.summary, d.provider_id, d.reason,
           (SELECT count(*) FROM notification_attempts AS t WHERE t.delivery_id = d.id) AS tries
      FROM notification_deliveries AS d
      JOIN infrastructure_alerts AS a ON a.id = d.alert_id
      JOIN hosts AS h ON h.id = a.host_id
     WHERE (CAST(:id AS bigint) IS NULL OR d.id = :id)
       AND (CAST(:state AS text) IS NULL OR d.state = :state)
       AND (CAST(:destination AS text) IS NULL OR d.destination = :destination)
       AND (CAST(:since AS timestamptz) IS NULL OR d.created_at >= :since)
     ORDER BY d.state <> 'dead', d.state NOT IN ('pending', 'sending'), d.id DESC
     LIMIT :most
""")

_ATTEMPTS = text("""
    SELECT started_at, duration_ms, outcome, answer
      FROM notification_attempts WHERE delivery_id = :id ORDER BY id
""")
