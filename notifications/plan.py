"""The rows that one round of planning writes, gathered in memory and written in a few statements."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, update

from domain.alerts import EventKind
from domain.severity import Severity
from models import AlertEvent, Decision, Delivery
from notifications.cooldown import Action, Verdict
from notifications.history import Correspondence, Recipient

SUPERSEDED = {"state": "superseded", "reason": "a newer event came before it was sent"}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that nobody has decided about yet, with its alert.

    `over` says that it has resolved by now, `taken` that somebody has acknowledged it.
    """

    id: int
    alert_id: int
    incident_id: int
    kind: EventKind
    severity: Severity
    at: datetime
    step: int
    opened_at: datetime
    over: bool
    taken: bool
    host: str
    component: str

    @property
    def tells(self) -> EventKind:
        """What a message about it tells: that flapping came to rest in the end is the end."""
        return EventKind.RESOLVED if self.kind is EventKind.SETTLED and self.over else self.kind


@dataclass(slots=True)
class Plan:
    """What is decided so far; `now` is the moment of the whole round."""

    now: datetime
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)

    def decided(self, event: NewEvent, recipient: Recipient, verdict: Verdict) -> None:
        """Note a decision with its reason, whichever it is."""
        about = _about(event, recipient)
        why = {"verdict": verdict.action, "cause": verdict.cause, "reason": verdict.reason}
        self.decisions.append(about | {"at": self.now, "until": verdict.until} | why)

    def send(self, event: NewEvent, recipient: Recipient, letters: Correspondence, verdict: Verdict) -> None:
        """Put a message into the outbox, in the place of an older one that was not sent yet."""
        self.supersede(letters)
        self.deliveries.append(
            _about(event, recipient)
            | {
                "incident_id": event.incident_id,
                "created_at": self.now,
                "due_at": verdict.until or self.now,
                "kind": event.tells,
                "severity": event.severity,
                "reason": verdict.reason,
                "state": "pending",
                "finished_at": None,
            }
        )
        # No key yet, so it counts from -1 downward until it is written.
        letters.waiting[-len(self.deliveries)] = event.severity

    def supersede(self, letters: Correspondence) -> None:
        """The newest message says all that an older, unsent one would have said."""
        for key in letters.waiting:
            if key > 0:
                self.superseded.append(key)
            else:
                self.deliveries[-key - 1] |= {"finished_at": self.now, **SUPERSEDED}
        letters.waiting.clear()

    def count(self, action: Action) -> int:
        return sum(decision["verdict"] == action for decision in self.decisions)

    def write(self, connection: Connection, event_ids: list[int]) -> None:
        if self.decisions:
            connection.execute(insert(Decision), self.decisions)
        connection.execute(
            update(Delivery)
            .where(Delivery.id.in_(self.superseded), Delivery.state == "pending")
            .values(finished_at=self.now, **SUPERSEDED)
        )
        if self.deliveries:
            connection.execute(insert(Delivery), self.deliveries)
        connection.execute(update(AlertEvent).where(AlertEvent.id.in_(event_ids)).values(planned_at=self.now))


def _about(event: NewEvent, recipient: Recipient) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "alert_id": event.alert_id,
        "step": event.step,
        "destination": recipient.destination,
        "recipient": recipient.address,
    }
