"""Holds: named times whose history stays, whatever its retention, until somebody ends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from models import Hold, clock


@dataclass(frozen=True, slots=True)
class Held:
    """A hold, with the half-open time (UTC) that it is about; `ended_at` is None while it holds."""

    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    ended_by: str | None


class NameTakenError(Exception):
    """There is a hold of this name already."""


class NoSuchHoldError(Exception):
    """No hold of this name holds."""


_COLUMNS = [Hold.__table__.c[name] for name in Held.__dataclass_fields__]


def add(
    connection: Connection, name: str, starts_at: datetime, ends_at: datetime, *, by: str, why: str
) -> Held:
    """Hold what happened from `starts_at` to before `ends_at` (aware, in order)."""
    row = {"name": name, "starts_at": starts_at, "ends_at": ends_at, "created_by": by, "reason": why}
    new = insert(Hold).values(**row, created_at=clock.now(connection)).on_conflict_do_nothing()
    added = connection.execute(new.returning(*_COLUMNS)).first()
    if added is None:
        raise NameTakenError(f"there is a hold {name!r} already")
    return Held(*added)


def end(connection: Connection, name: str, *, by: str) -> Held:
    """Let go of what a hold kept; the next cleanup removes what is past its retention."""
    over = update(Hold).where(Hold.name == name, Hold.ended_at.is_(None))
    row = connection.execute(
        over.values(ended_at=clock.now(connection), ended_by=by).returning(*_COLUMNS)
    ).first()
    if row is None:
        raise NoSuchHoldError(f"no hold {name!r} holds")
    return Held(*row)


def listed(connection: Connection, *, everything: bool = False) -> Sequence[Held]:
    """Those that hold, or all of them, in the order of what they are about."""
    query = select(*_COLUMNS).order_by(Hold.starts_at, Hold.id)
    if not everything:
        query = query.where(Hold.ended_at.is_(None))
    return [Held(*row) for row in connection.execute(query)]


def on(connection: Connection, start: datetime, end: datetime) -> Held | None:
    """The first hold on a part of the time from `start` to before `end`."""
    query = select(*_COLUMNS).where(Hold.ended_at.is_(None), Hold.starts_at < end, Hold.ends_at > start)
    row = connection.execute(query.order_by(Hold.id).limit(1)).first()
    return None if row is None else Held(*row)


def nothing_holds(start: str, end: str) -> str:
    """The condition, in SQL, that no hold is on the time between two expressions."""
    return (
        "NOT EXISTS (SELECT FROM holds WHERE holds.ended_at IS NULL"
        f" AND holds.starts_at < {end} AND holds.ends_at > {start})"
    )
