"""Trying a delivery again because somebody asks for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from models import Attempt, Decision, Delivery, DestinationState, clock
from notifications.cooldown import Action, Cause


@dataclass(frozen=True, slots=True)
class Retried:
    """What was asked for: where it goes, how it stood, and until when its destination is left alone."""

    destination: str
    was: str
    left_alone_until: datetime | None


class NotToBeRetriedError(Exception):
    """A delivery that is not there, that has ended well, or that is on its way at this moment."""


def retry_now(connection: Connection, delivery_id: int, *, by: str) -> Retried:
    """Make a pending delivery due now, or a dead one pending again with a fresh start.

    At sending it is decided anew whether it is still wanted. Raises NotToBeRetriedError.
    """
    query = select(Delivery.__table__).where(Delivery.id == delivery_id).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotToBeRetriedError(f"there is no delivery {delivery_id}")
    if row.state not in ("pending", "dead"):
        fault = f"delivery {delivery_id} is {row.state}, and only a pending or a dead one is tried again"
        raise NotToBeRetriedError(fault)
    now = clock.now(connection)
    reason = f"{by} asked for it to be tried again; it was {row.state}: {row.reason}"
    values = {"due_at": now, "reason": reason}
    connection.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(**values, **(_fresh(connection, delivery_id, now) if row.state == "dead" else {}))
    )
    about = {
        name: getattr(row, name) for name in ("event_id", "alert_id", "step", "destination", "recipient")
    }
    why = {"verdict": Action.SEND, "cause": Cause.BY_HAND, "reason": reason}
    connection.execute(insert(Decision).values(**about, at=now, **why))
    return Retried(row.destination, row.state, _left_alone(connection, row.destination, now))


def _fresh(connection: Connection, delivery_id: int, now: datetime) -> dict[str, object]:
    """A start as of a new delivery; that an earlier try may have arrived stays known."""
    ambiguous = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.delivery_id == delivery_id, Attempt.outcome == "ambiguous")
    )
    return {
        "state": "pending",
        "created_at": now,
        "finished_at": None,
        "digest_id": None,
        "attempts": connection.execute(ambiguous).scalar_one(),
    }


def _left_alone(connection: Connection, destination: str, now: datetime) -> datetime | None:
    query = select(DestinationState.open_until).where(
        DestinationState.destination == destination, DestinationState.open_until > now
    )
    return connection.execute(query).scalar()
