"""Plans who hears of what: every new event becomes rows of the outbox, or a reason why not."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select, text, update

from domain.alerts import EventKind
from domain.severity import Severity
from models import Alert, AlertEvent, Decision, Delivery, Host, clock
from notifications.cooldown import Action, Occasion, Verdict, decide
from notifications.history import Correspondence, Correspondences, Recipient
from policy import Policy

# One planner at a time: planning is short, and order matters more than speed.
PLANNER = "tocsin.planning"
BATCH = 1_000

SUPERSEDED = {"state": "superseded", "reason": "a newer event came before it was sent"}


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of planning: events looked at, messages to send now, messages held, messages left out."""

    events: int = 0
    sent: int = 0
    held: int = 0
    skipped: int = 0

    def __add__(self, other: "Planned") -> "Planned":
        mine, others = astuple(self), astuple(other)
        return Planned(*(m + o for m, o in zip(mine, others, strict=True)))


@dataclass(slots=True)
class _Plan:
    """The rows that one round of planning writes."""

    now: datetime
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)
    superseded: list[int] = field(default_factory=list)

    def send(self, row: dict[str, Any], letters: Correspondence) -> None:
        self.deliveries.append(row | {"state": "pending", "finished_at": None})
        # No key yet, so it counts from -1 downward until it is written.
        letters.waiting[-len(self.deliveries)] = Severity(row["severity"])

    def supersede(self, letters: Correspondence) -> None:
        """The newest message says all that an older, unsent one would have said."""
        for key in letters.waiting:
            if key > 0:
                self.superseded.append(key)
            else:
                self.deliveries[-key - 1] |= {"finished_at": self.now, **SUPERSEDED}
        letters.waiting.clear()

    def count(self, action: Action) -> int:
        return sum(d["verdict"] == action for d in self.decisions)


def plan_all(engine: Engine, policy: Policy) -> Planned:
    """Plan everything that is not planned yet, a transaction for each batch."""
    total = Planned()
    while True:
        with engine.begin() as connection:
            planned = plan(connection, policy)
        total += planned
        if planned.events < BATCH:
            return total


def plan(connection: Connection, policy: Policy) -> Planned:
    """Plan a batch of events that are not planned yet, each exactly once, in the caller's transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": PLANNER})
    events = _unplanned(connection)
    if not events:
        return Planned()
    letters = Correspondences(connection, (e.incident_id for e in events))
    planned = _Plan(clock.now(connection))
    for event in events:
        for recipient in _recipients(policy, letters, event):
            _decide(planned, event, recipient, letters.of(event.incident_id, recipient), policy.cooldown)
    _write(connection, planned, [e.id for e in events])
    return Planned(
        events=len(events),
        sent=planned.count(Action.SEND),
        held=planned.count(Action.HOLD),
        skipped=planned.count(Action.SKIP),
    )


def _unplanned(connection: Connection) -> Sequence[Any]:
    incident = func.coalesce(Alert.incident_id, Alert.id)
    return connection.execute(
        select(
            AlertEvent.id,
            AlertEvent.alert_id,
            AlertEvent.kind,
            AlertEvent.severity,
            incident.label("incident_id"),
            Alert.opened_at,
            Alert.component,
            Host.name.label("host"),
        )
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .join(Host, Host.id == Alert.host_id)
        .where(AlertEvent.planned_at.is_(None))
        .order_by(AlertEvent.id)
        .limit(BATCH)
    ).all()


def _recipients(policy: Policy, letters: Correspondences, event: Any) -> Iterable[Recipient]:
    """Who may hear of an event: a resolve and an easing go to those who had to do with the firing."""
    if event.kind in (EventKind.RESOLVED, EventKind.EASED):
        return letters.recipients(event.incident_id)
    names = policy.route(host=event.host, component=event.component, severity=Severity(event.severity))
    return [Recipient(name, address) for name in names for address in policy.destinations[name].recipients]


def _decide(
    planned: _Plan, event: Any, recipient: Recipient, letters: Correspondence, cooldown: timedelta
) -> None:
    occasion = Occasion(
        kind=EventKind(event.kind),
        severity=Severity(event.severity),
        fired_at=event.opened_at,
        refired=event.incident_id != event.alert_id,
    )
    verdict = decide(occasion, letters.history, cooldown=cooldown, now=planned.now)
    planned.decisions.append(_decision(planned, event, recipient, verdict))
    if verdict.action is Action.SKIP and occasion.kind is not EventKind.RESOLVED:
        return
    planned.supersede(letters)
    if verdict.action is not Action.SKIP:
        planned.send(_delivery(planned, event, recipient, verdict), letters)


def _decision(planned: _Plan, event: Any, recipient: Recipient, verdict: Verdict) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "alert_id": event.alert_id,
        "at": planned.now,
        "until": verdict.until,
        "destination": recipient.destination,
        "recipient": recipient.address,
        "verdict": verdict.action,
        "reason": verdict.reason,
    }


def _delivery(planned: _Plan, event: Any, recipient: Recipient, verdict: Verdict) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "alert_id": event.alert_id,
        "incident_id": event.incident_id,
        "created_at": planned.now,
        "due_at": verdict.until or planned.now,
        "destination": recipient.destination,
        "recipient": recipient.address,
        "kind": event.kind,
        "severity": event.severity,
        "reason": verdict.reason,
    }


def _write(connection: Connection, planned: _Plan, event_ids: list[int]) -> None:
    if planned.decisions:
        connection.execute(insert(Decision), planned.decisions)
    connection.execute(
        update(Delivery)
        .where(Delivery.id.in_(planned.superseded), Delivery.state == "pending")
        .values(finished_at=planned.now, **SUPERSEDED)
    )
    if planned.deliveries:
        connection.execute(insert(Delivery), planned.deliveries)
    connection.execute(update(AlertEvent).where(AlertEvent.id.in_(event_ids)).values(planned_at=planned.now))
