"""How each destination fares, kept where all senders see it: its bucket of tokens and its circuit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from models import DestinationState
from notifications import pacing
from notifications.circuit import Standing
from notifications.pacing import Bucket, Limit


@dataclass(frozen=True, slots=True)
class State:
    bucket: Bucket
    standing: Standing


def locked(connection: Connection, destination: str, limit: Limit, now: datetime) -> State:
    """The state of a destination, held until the caller's transaction ends; a new one has a full bucket.

    Whoever claims holds it, so that two claims for one destination never go on side by side.
    """
    found = read(connection, destination, lock=True)
    if found is None:
        bucket = pacing.full(limit, now)
        first = {"destination": destination, "tokens": bucket.tokens, "refilled_at": bucket.refilled_at}
        connection.execute(insert(DestinationState).values(first).on_conflict_do_nothing())
        found = read(connection, destination, lock=True)
    return found or State(pacing.full(limit, now), Standing())


def read(connection: Connection, destination: str, *, lock: bool = False) -> State | None:
    """The state of a destination as it was written last, None for one that was never sent anything."""
    query = select(DestinationState.__table__).where(DestinationState.destination == destination)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        return None
    return State(Bucket(row.tokens, row.refilled_at), Standing(row.failures, row.open_until, row.last_error))


def write(connection: Connection, destination: str, state: State) -> None:
    connection.execute(
        update(DestinationState)
        .where(DestinationState.destination == destination)
        .values(
            tokens=state.bucket.tokens,
            refilled_at=state.bucket.refilled_at,
            open_until=state.standing.open_until,
            failures=state.standing.failures,
            last_error=state.standing.last_error,
        )
    )
