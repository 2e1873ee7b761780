"""What each recipient knows of an incident, read from the outbox."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from domain.alerts import EventKind
from domain.severity import Severity
from models import Delivery
from notifications.cooldown import FIRING, History, Told


@dataclass(frozen=True, slots=True, order=True)
class Recipient:
    """Where messages go: a destination by name and, where it has several, one address of it."""

    destination: str
    address: str = ""


@dataclass(slots=True)
class Correspondence:
    """The messages of one incident to one recipient, oldest first; `add` keeps it true while planning."""

    told: list[Told] = field(default_factory=list)
    in_flight: list[Severity] = field(default_factory=list)
    waiting: dict[int, Severity] = field(default_factory=dict)

    @property
    def history(self) -> History:
        return History(tuple(self.told), tuple(self.in_flight), tuple(self.waiting.values()))


class Correspondences:
    """The messages of some incidents to everybody, from one query."""

    def __init__(
        self, connection: Connection, incident_ids: Iterable[int], *, leave_out: Iterable[int] = ()
    ) -> None:
        self._of: dict[int, dict[Recipient, Correspondence]] = defaultdict(dict)
        left_out = frozenset(leave_out)
        for row in _rows(connection, sorted(set(incident_ids))):
            if row.id not in left_out:
                self._file(row)

    def recipients(self, incident_id: int) -> Sequence[Recipient]:
        """Everybody who was ever meant to hear of an incident."""
        return sorted(self._of[incident_id])

    def of(self, incident_id: int, recipient: Recipient) -> Correspondence:
        return self._of[incident_id].setdefault(recipient, Correspondence())

    def _file(self, row: Any) -> None:
        letters = self.of(row.incident_id, Recipient(row.destination, row.recipient))
        kind, severity = EventKind(row.kind), Severity(row.severity)
        if row.state == "delivered":
            letters.told.append(Told(kind, severity, row.finished_at))
        elif row.state == "sending" and kind in FIRING:
            letters.in_flight.append(severity)
        elif row.state == "pending":
            letters.waiting[row.id] = severity


def _rows(connection: Connection, incident_ids: list[int]) -> Iterable[Any]:
    columns = select(
        Delivery.id,
        Delivery.incident_id,
        Delivery.destination,
        Delivery.recipient,
        Delivery.kind,
        Delivery.severity,
        Delivery.state,
        Delivery.finished_at,
    )
    return connection.execute(columns.where(Delivery.incident_id.in_(incident_ids)).order_by(Delivery.id))
