"""Signs of life: when each part was last seen at work, and since when without a break."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, case, select, text
from sqlalchemy.dialects.postgresql import distinct_on, insert

from domain.cadence import SILENCE
from models import Heartbeat, clock
from models.base import Json

EVERYWHERE = "all"

# Several at once, to stand alone or within a statement. In order, so that two of them never wait for each
# other in a circle; one from the future was left before the clock was set back.
SIGNS = f"""
    INSERT INTO heartbeats AS h (component, instance, at, since, detail)
    SELECT sign.key, '{EVERYWHERE}', moment.now, moment.now, sign.value
      FROM ({clock.NOW.text}) AS moment (now), jsonb_each(CAST(:signs AS jsonb)) AS sign
     ORDER BY sign.key
        ON CONFLICT (component, instance) DO UPDATE
       SET at = excluded.at, detail = excluded.detail,
           since = CASE WHEN h.at BETWEEN excluded.at - CAST(:gap AS interval)
                                      AND excluded.at + CAST(:gap AS interval)
                        THEN h.since ELSE excluded.at END
"""  # noqa: S608 - it is put together here, of nothing that comes from outside
_NOTE = text(SIGNS)
LAST = (
    select(Heartbeat.component, Heartbeat.at, Heartbeat.since)
    .ext(distinct_on(Heartbeat.component))
    .where(Heartbeat.component.in_(bindparam("components", expanding=True)))
    .order_by(Heartbeat.component, Heartbeat.at.desc())
)


def note(connection: Connection, signs: Mapping[str, Json]) -> None:
    """Note signs of life of several parts, each with its detail."""
    connection.execute(_NOTE, written(signs))


def written(signs: Mapping[str, Json], gap: timedelta = SILENCE) -> dict[str, Any]:
    """The parameters of `SIGNS`."""
    return {"signs": json.dumps(signs), "gap": gap}


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


def last(connection: Connection, *components: str) -> Mapping[str, tuple[datetime, datetime]]:
    """When each of these parts was last seen, and since when without a break; nothing of who never was."""
    rows = connection.execute(LAST, {"components": components})
    return {row.component: (row.at, row.since) for row in rows}
