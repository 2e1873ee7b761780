"""What has happened to some incidents, read from their events: changes, flapping, steps, acknowledgements."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from domain.alerts import EventKind
from models import Alert, AlertEvent
from notifications.escalation import Waiting

CHANGES = frozenset({EventKind.OPENED, EventKind.WORSENED, EventKind.EASED, EventKind.RESOLVED})
# From these on somebody is waited for anew: what was acknowledged before was less.
URGENT = frozenset({EventKind.OPENED, EventKind.WORSENED})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of an incident."""

    id: int
    alert_id: int
    kind: EventKind
    at: datetime
    step: int | None


@dataclass(frozen=True, slots=True)
class Incident:
    """The events of an incident in order."""

    events: Sequence[Happened] = field(default_factory=list)

    def until(self, event_id: int) -> "Incident":
        """As it was when the event of this id had happened."""
        return Incident([e for e in self.events if e.id <= event_id])

    @property
    def changes(self) -> list[datetime]:
        return [e.at for e in self.events if e.kind in CHANGES]

    @property
    def flapping_since(self) -> datetime | None:
        last = next(
            (e for e in reversed(self.events) if e.kind in (EventKind.FLAPPING, EventKind.SETTLED)), None
        )
        return last.at if last and last.kind is EventKind.FLAPPING else None

    def waiting(self, alert_id: int) -> Waiting | None:
        """How one of its alerts has been waiting for somebody; None if it never opened."""
        mine = [e for e in self.events if e.alert_id == alert_id]
        begin = next((n for n in reversed(range(len(mine))) if mine[n].kind in URGENT), None)
        if begin is None:
            return None
        since, later = mine[begin].at, mine[begin + 1 :]
        done = max((e.step or 0 for e in later), default=0)
        return Waiting(since, _paused(later), done)


class Incidents:
    """Some incidents with all their events, from one query."""

    def __init__(self, connection: Connection, incident_ids: Iterable[int]) -> None:
        found: dict[int, list[Happened]] = defaultdict(list)
        for row in _rows(connection, sorted(set(incident_ids))):
            found[row.incident_id].append(
                Happened(row.id, row.alert_id, EventKind(row.kind), row.at, row.step)
            )
        self._found = {incident_id: Incident(events) for incident_id, events in found.items()}

    def __iter__(self) -> Iterator[int]:
        return iter(self._found)

    def __getitem__(self, incident_id: int) -> Incident:
        return self._found.get(incident_id, Incident())


def _paused(events: Sequence[Happened]) -> timedelta:
    """The time in which somebody had it: from each acknowledgement until it was taken back or ran out."""
    paused, taken_at = timedelta(0), None
    for event in events:
        if event.kind is EventKind.ACKNOWLEDGED:
            taken_at = event.at
        elif event.kind is EventKind.UNACKNOWLEDGED and taken_at is not None:
            paused, taken_at = paused + (event.at - taken_at), None
    return paused


def _rows(connection: Connection, incident_ids: list[int]) -> Iterable[Any]:
    incident = func.coalesce(Alert.incident_id, Alert.id)
    return connection.execute(
        select(
            AlertEvent.id,
            AlertEvent.alert_id,
            AlertEvent.kind,
            AlertEvent.at,
            AlertEvent.step,
            incident.label("incident_id"),
        )
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .where(incident.in_(incident_ids))
        .order_by(AlertEvent.id)
    )
