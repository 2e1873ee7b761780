"""What is due: which destinations, which recipients of one, and the rows themselves, locked."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select, text, true

from domain.alerts import EventKind
from models import Alert, AlertEvent, Attempt, Delivery, Host
from notifications.bundling import Due, Take

# The start of an attempt is reckoned back from its end, and may seem to lie before the planning.
SAME_MOMENT = timedelta(seconds=30)

# The second line is what the first says already, for the index on what is open.
DUE = text("""
    (c.state = 'pending' OR c.state = 'sending' AND c.lease_until < :now)
    AND c.state IN ('pending', 'sending') AND c.due_at <= :now
    -- In order: nothing of an incident leaves for a recipient while another message of it is on its way.
    AND NOT EXISTS (SELECT FROM notification_deliveries AS o
                     WHERE o.incident_id = c.incident_id AND o.destination = c.destination
                       AND o.recipient = c.recipient AND o.id <> c.id
                       AND o.state = 'sending' AND o.lease_until >= :now)
""")

candidate = Delivery.__table__.alias("c")
other = Delivery.__table__.alias("other")


def destinations(connection: Connection, now: datetime) -> Sequence[str]:
    """The destinations for which anything is due."""
    names = select(candidate.c.destination).where(DUE).distinct().order_by(candidate.c.destination)
    return connection.execute(names, {"now": now}).scalars().all()


def groups(connection: Connection, destination: str, now: datetime) -> list[Due]:
    """What is due for a destination, counted by recipient and by the digest that it may have left in."""
    c = candidate.c
    rows = connection.execute(
        select(
            c.recipient,
            c.digest_id,
            func.count().label("number"),
            func.min(c.id).label("oldest"),
            func.bool_or(c.severity == "critical").label("critical"),
        )
        .where(c.destination == destination, DUE)
        .group_by(c.recipient, c.digest_id),
        {"now": now},
    )
    return [Due(row.recipient, row.number, row.oldest, row.critical, row.digest_id) for row in rows]


def rows(connection: Connection, destination: str, take: Take, now: datetime, most: int) -> Sequence[Any]:
    """Up to `most` rows of what is taken next, the worst first, locked; those of another claim are left."""
    c = candidate.c
    worst_first = ((c.severity == "critical").desc(), c.id)
    locked = (
        select(c.id)
        .where(c.destination == destination, c.recipient.in_(take.recipients), DUE)
        .where(c.digest_id.is_not_distinct_from(take.digest_id))
        .order_by(*worst_first)
        .limit(most)
        .with_for_update(skip_locked=True)
        .subquery("locked")
    )
    return connection.execute(_in_full(locked), {"now": now}).all()


def _in_full(locked: Any) -> Any:
    """Everything that has to be known of a delivery to decide whether it is still wanted."""
    tried = _tried()
    return (
        select(
            Delivery.__table__,
            Alert.opened_at,
            Alert.resolved_at,
            Alert.acknowledged_at,
            Alert.component,
            Host.name.label("host"),
            tried.c.failures,
            tried.c.surely_failed,
            func.coalesce(tried.c.first_at, Delivery.due_at).label("waits_since"),
            _newer().label("newer"),
            _not_reached().label("not_reached"),
            _thread().label("thread"),
            AlertEvent.trace,
        )
        .join(locked, locked.c.id == Delivery.id)
        .join(Alert, Alert.id == Delivery.alert_id)
        .join(AlertEvent, AlertEvent.id == Delivery.event_id)
        .join(Host, Host.id == Alert.host_id)
        .join(tried, true())
        .order_by((Delivery.severity == "critical").desc(), Delivery.id)
    )


def _tried() -> Any:
    """How often a delivery was tried, how often that surely failed, and when for the first time."""
    return (
        select(
            func.count().label("failures"),
            func.count().filter(Attempt.outcome == "retry").label("surely_failed"),
            func.min(Attempt.started_at).label("first_at"),
        )
        # One that somebody made pending again begins anew: what was tried before that counts no more.
        .where(Attempt.delivery_id == Delivery.id, Attempt.started_at >= Delivery.created_at - SAME_MOMENT)
        .lateral("tried")
    )


def _newer() -> Any:
    """Whether a later message of the incident was planned for the recipient."""
    # An end that was no news there is still the end: nothing from before it is told after it.
    counts = other.c.state.in_(("pending", "sending", "delivered")) | (other.c.kind == EventKind.RESOLVED)
    return select(other.c.id).where(_same_correspondence(), other.c.id > Delivery.id, counts).exists()


def _thread() -> Any:
    """What the provider calls the first message of the incident that the recipient got."""
    return (
        select(other.c.provider_id)
        .where(_same_correspondence(), other.c.state == "delivered", other.c.provider_id.is_not(None))
        .order_by(other.c.id)
        .limit(1)
        .scalar_subquery()
    )


def _not_reached() -> Any:
    """Whether whom it stands in for has not got the event yet."""
    return (
        select(other.c.id)
        .where(
            other.c.event_id == Delivery.event_id,
            other.c.step == Delivery.step,
            other.c.destination == Delivery.fallback_for,
            other.c.state != "delivered",
        )
        .exists()
    )


def _same_correspondence() -> Any:
    return and_(
        other.c.incident_id == Delivery.incident_id,
        other.c.destination == Delivery.destination,
        other.c.recipient == Delivery.recipient,
    )
