"""Signs of life: when each part was last seen at work, and since when without a break."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, case, select
from sqlalchemy.dialects.postgresql import insert

from domain.cadence import SILENCE
from models import Heartbeat
from models.base import Json

EVERYWHERE = "all"


def beat(
    connection: Connection,
    component: str,
    now: datetime,
    detail: Json,
    *,
    instance: str = EVERYWHERE,
    gap: timedelta = SILENCE,
) -> datetime:
    """Note a sign of life and answer since when there has been one at least every `gap`."""
    statement = insert(Heartbeat).values(
        component=component, instance=instance, at=now, since=now, detail=detail
    )
    new, old = statement.excluded, Heartbeat.__table__.c
    return connection.execute(
        statement.on_conflict_do_update(
            index_elements=[Heartbeat.component, Heartbeat.instance],
            set_={
                "at": new.at,
                # One from the future was left before the clock was set back.
                "since": case(((old.at < new.at - gap) | (old.at > new.at + gap), new.at), else_=old.since),
                "detail": new.detail,
            },
        ).returning(Heartbeat.since)
    ).scalar_one()


def last(connection: Connection, component: str) -> tuple[datetime, datetime] | None:
    """When a part was last seen, and since when without a break; None if it never was."""
    row = connection.execute(
        select(Heartbeat.at, Heartbeat.since)
        .where(Heartbeat.component == component)
        .order_by(Heartbeat.at.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.at, row.since)
