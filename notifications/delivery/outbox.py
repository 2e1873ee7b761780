"""The outbox: claiming what is due, checking that it is still wanted, recording what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, func, insert, select, text, update

from domain.alerts import EventKind
from domain.severity import Severity
from models import Alert, Attempt, Delivery, Host, clock
from notifications import retry
from notifications.channels.base import DeliveryError, Receipt
from notifications.cooldown import Action, Occasion, Verdict, recheck
from notifications.history import Correspondences, Recipient
from notifications.quiet import quiet
from policy import Policy

# Longer than the total deadline of a sending, so that a lease only ends when its holder is gone.
LEASE = timedelta(seconds=60)

CLAIM = text("""
    UPDATE notification_deliveries AS d
       SET state = 'sending', lease_token = :token, lease_until = :lease_until, attempts = d.attempts + 1
      FROM (SELECT c.id
              FROM notification_deliveries AS c
             WHERE ((c.state = 'pending' AND c.due_at <= :now)
                    OR (c.state = 'sending' AND c.lease_until < :now))
               -- In order: nothing of an incident leaves for a recipient while another message of it does.
               AND NOT EXISTS (SELECT FROM notification_deliveries AS o
                                WHERE o.incident_id = c.incident_id AND o.destination = c.destination
                                  AND o.recipient = c.recipient AND o.id <> c.id
                                  AND o.state = 'sending' AND o.lease_until >= :now)
             ORDER BY c.severity = 'critical' DESC, c.id
             LIMIT :most
               FOR UPDATE SKIP LOCKED) AS due
     WHERE d.id = due.id
 RETURNING d.id
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this sender has to itself until its lease ends."""

    id: int
    event_id: int
    alert_id: int
    incident_id: int
    recipient: Recipient
    occasion: Occasion
    planned_at: datetime
    failures: int
    token: UUID
    thread: str | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one sending: a receipt or an error, when it began and how long it took."""

    started_at: datetime
    duration: timedelta
    summary: str
    receipt: Receipt | None = None
    error: DeliveryError | None = None


def claim(connection: Connection, policy: Policy, *, most: int) -> tuple[list[Claimed], int]:
    """Take up to `most` due deliveries, the worst first, in the caller's transaction.

    Answers those to send and how many were due: what is no longer wanted is ended or put off on the way.
    """
    now, token = clock.now(connection), uuid4()
    due = {"token": token, "lease_until": now + LEASE, "now": now, "most": most}
    ids = list(connection.execute(CLAIM, due).scalars())
    if not ids:
        return [], 0
    rows = _rows(connection, ids)
    letters = Correspondences(connection, (row.incident_id for row in rows), leave_out=ids)
    in_peace = quiet(connection, policy, now)
    claimed = []
    for row in rows:
        one = _claimed(row, token)
        about = {"host": row.host, "component": row.component}
        hold = in_peace.hold(**about, severity=one.occasion.severity, at=now)
        verdict = recheck(
            replace(one.occasion, hold=hold),
            letters.of(one.incident_id, one.recipient).history,
            cooldown=policy.cooldown,
            now=now,
            over=row.resolved_at is not None,
            newer=row.newer,
        )
        if verdict.action is Action.SEND:
            claimed.append(one)
        else:
            _put_aside(connection, one, verdict, now)
    return claimed, len(ids)


def record(connection: Connection, one: Claimed, outcome: Outcome, random: Random) -> bool:
    """Write down what came of a sending; False when the lease had gone to somebody else meanwhile."""
    now = clock.now(connection)
    kind, answer, ending = _ending(one, outcome, now, random)
    mine = connection.execute(
        update(Delivery)
        .where(Delivery.id == one.id, Delivery.lease_token == one.token, Delivery.state == "sending")
        .values(lease_token=None, lease_until=None, summary=outcome.summary, **ending)
    ).rowcount
    connection.execute(
        insert(Attempt).values(
            delivery_id=one.id,
            started_at=outcome.started_at,
            duration_ms=outcome.duration.total_seconds() * 1000,
            outcome=kind,
            answer=answer,
        )
    )
    return bool(mine)


def _ending(one: Claimed, outcome: Outcome, now: datetime, random: Random) -> tuple[str, str, dict[str, Any]]:
    if outcome.receipt is not None:
        answer = outcome.receipt.answer
        told = {"state": "delivered", "finished_at": now, "provider_id": outcome.receipt.provider_id}
        return "delivered", answer, told | {"reason": f"delivered: {answer}"}
    error = outcome.error or DeliveryError("the sending ended without an answer", ambiguous=True)
    if error.permanent:
        return "permanent", error.reason, {"state": "dead", "finished_at": now, "reason": error.reason}
    due_at = retry.next_try(
        failures=one.failures + 1,
        planned_at=one.planned_at,
        retry_after=error.retry_after,
        now=now,
        random=random,
    )
    kind = "ambiguous" if error.ambiguous else "retry"
    if due_at is None:
        dead = f"given up after {retry.GIVE_UP_AFTER.total_seconds() / 3600:g} hours: {error.reason}"
        return kind, error.reason, {"state": "dead", "finished_at": now, "reason": dead}
    return (
        kind,
        error.reason,
        {"state": "pending", "due_at": due_at, "reason": f"to be tried again: {error.reason}"},
    )


def _put_aside(connection: Connection, one: Claimed, verdict: Verdict, now: datetime) -> None:
    held = verdict.action is Action.HOLD
    ending = (
        {"state": "pending", "due_at": verdict.until} if held else {"state": "superseded", "finished_at": now}
    )
    connection.execute(
        update(Delivery)
        .where(Delivery.id == one.id)
        # It was not tried, only looked at.
        .values(
            lease_token=None,
            lease_until=None,
            attempts=Delivery.attempts - 1,
            reason=verdict.reason,
            **ending,
        )
    )


def _claimed(row: Any, token: UUID) -> Claimed:
    kind, severity = EventKind(row.kind), Severity(row.severity)
    return Claimed(
        id=row.id,
        event_id=row.event_id,
        alert_id=row.alert_id,
        incident_id=row.incident_id,
        recipient=Recipient(row.destination, row.recipient),
        occasion=Occasion(kind, severity, row.opened_at, refired=row.incident_id != row.alert_id),
        planned_at=row.created_at,
        failures=row.failures,
        token=token,
        thread=row.thread,
        # An attempt without an outcome ended with its sender; one with an ambiguous outcome may have arrived.
        repeated=row.attempts - 1 > row.surely_failed,
    )


def _rows(connection: Connection, ids: list[int]) -> Sequence[Any]:
    attempts = select(func.count()).where(Attempt.delivery_id == Delivery.id)
    other = Delivery.__table__.alias("other")
    same = (
        (other.c.incident_id == Delivery.incident_id)
        & (other.c.destination == Delivery.destination)
        & (other.c.recipient == Delivery.recipient)
    )
    newer = select(other.c.id).where(
        same, other.c.id > Delivery.id, other.c.state.in_(("pending", "sending", "delivered"))
    )
    thread = (
        select(other.c.provider_id)
        .where(same, other.c.state == "delivered", other.c.provider_id.is_not(None))
        .order_by(other.c.id)
        .limit(1)
    )
    return connection.execute(
        select(
            Delivery.id,
            Delivery.event_id,
            Delivery.alert_id,
            Delivery.incident_id,
            Delivery.destination,
            Delivery.recipient,
            Delivery.kind,
            Delivery.severity,
            Delivery.created_at,
            Delivery.attempts,
            Alert.opened_at,
            Alert.resolved_at,
            Alert.component,
            Host.name.label("host"),
            attempts.scalar_subquery().label("failures"),
            attempts.where(Attempt.outcome == "retry").scalar_subquery().label("surely_failed"),
            newer.exists().label("newer"),
            thread.scalar_subquery().label("thread"),
        )
        .join(Alert, Alert.id == Delivery.alert_id)
        .join(Host, Host.id == Alert.host_id)
        .where(Delivery.id.in_(ids))
        .order_by((Delivery.severity == "critical").desc(), Delivery.id)
    ).all()
