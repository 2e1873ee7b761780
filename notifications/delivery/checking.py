"""Whether what is due is still wanted at the moment of sending, by the laws of the cooldown."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.cooldown import Action, Cause, History, Occasion, Verdict, recheck
from notifications.delivery.parcel import Claimed
from notifications.history import Correspondences, Recipient
from notifications.quiet import quiet
from policy import Policy

# What an acknowledgement stops, whenever it comes.
STOPPED = frozenset({EventKind.ESCALATED, EventKind.REMINDED})


def checked(
    connection: Connection, policy: Policy, rows: Sequence[Any], now: datetime
) -> tuple[list[Claimed], list[tuple[int, Verdict]]]:
    """What of the rows is still to be sent, in their order; and the others by number with their verdicts."""
    letters = Correspondences(
        connection, (row.incident_id for row in rows), leave_out=[row.id for row in rows]
    )
    in_peace = quiet(connection, policy, now)
    wanted, aside = [], []
    for row in rows:
        one = _claimed(row)
        severity = one.occasion.severity
        hold = in_peace.hold(host=row.host, component=row.component, severity=severity, at=now)
        occasion = replace(one.occasion, hold=hold)
        verdict = _verdict(row, occasion, letters.of(one.incident_id, one.recipient).history, policy, now)
        if verdict.action is Action.SEND:
            wanted.append(one)
        else:
            aside.append((one.id, verdict))
    return wanted, aside


def _verdict(row: Any, occasion: Occasion, history: History, policy: Policy, now: datetime) -> Verdict:
    if row.fallback_for is not None and not row.not_reached:
        return Verdict(Action.SKIP, Cause.REACHED, f"{row.fallback_for} got it after all")
    if row.acknowledged_at is not None and occasion.kind in STOPPED:
        return Verdict(Action.SKIP, Cause.TAKEN, "somebody acknowledged it before it was sent")
    return recheck(
        occasion,
        history,
        cooldown=policy.cooldown,
        now=now,
        over=row.resolved_at is not None,
        newer=row.newer,
    )


def _claimed(row: Any) -> Claimed:
    kind, severity = EventKind(row.kind), Severity(row.severity)
    return Claimed(
        id=row.id,
        event_id=row.event_id,
        alert_id=row.alert_id,
        incident_id=row.incident_id,
        recipient=Recipient(row.destination, row.recipient),
        occasion=Occasion(kind, severity, row.opened_at, refired=row.incident_id != row.alert_id),
        host=row.host,
        component=row.component,
        over=kind is EventKind.RESOLVED or row.resolved_at is not None,
        planned_at=row.created_at,
        waits_since=row.waits_since,
        failures=row.failures,
        thread=row.thread,
        # An attempt without an outcome ended with its sender; one with an ambiguous outcome may have arrived.
        repeated=row.attempts > row.surely_failed,
        fallback_for=row.fallback_for,
        trace=row.trace,
    )
