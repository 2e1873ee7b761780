"""What the watchdog remembers in Postgres: which parts have stopped, and what people were told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from watchdog.verdict import State, Verdict

# The same part is not told of again within it, as with every alert; one that has stopped anew, after people
# were told that it was over, must have lasted so long.
TELL_AGAIN_AFTER = timedelta(minutes=15)
LASTING = timedelta(minutes=5)

OPEN = """
    INSERT INTO outages (part, began_at, seen_at, reason, remedy)
    VALUES (%(part)s, clock_timestamp(), %(since)s, %(reason)s, %(remedy)s)
        ON CONFLICT (part) WHERE ended_at IS NULL
        DO UPDATE SET reason = excluded.reason, remedy = excluded.remedy
"""

# All at once, as most of the time there is none. Of what is told by others from now on, the end is not told:
# it is none.
END = """
    UPDATE outages AS o
       SET ended_at = clock_timestamp(), end_told_at = CASE WHEN v.told_by_others THEN clock_timestamp() END
      FROM unnest(%(parts)s::text[], %(told_by_others)s::boolean[]) AS v (part, told_by_others)
     WHERE o.part = v.part AND o.ended_at IS NULL
"""

# Of a part that comes and goes, people hear once in 15 minutes, unless it has gone for five; and of an end
# only who heard of the start.
TO_TELL = """
    SELECT o.id, o.part, o.began_at, o.seen_at, o.ended_at, o.reason, o.remedy
      FROM outages AS o
     WHERE (o.ended_at IS NULL AND o.told_at IS NULL AND o.began_at <= clock_timestamp() - %(lasting)s)
        OR (o.ended_at IS NULL
            AND NOT EXISTS (SELECT FROM outages AS t
                             WHERE t.part = o.part AND t.told_at > clock_timestamp() - %(again)s))
        OR (o.ended_at IS NOT NULL AND o.told_at IS NOT NULL AND o.end_told_at IS NULL)
     ORDER BY o.id
"""

TOLD = """
    UPDATE outages
       SET told_at = CASE WHEN ended_at IS NULL THEN clock_timestamp() ELSE told_at END,
           end_told_at = CASE WHEN id = ANY(%(ended)s) THEN clock_timestamp() END
     WHERE id = ANY(%(ids)s)
"""


@dataclass(frozen=True, slots=True)
class Outage:
    """A stop to be told: that it began or goes on, or with `ended_at` that it is over."""

    id: int
    part: str
    began_at: datetime
    seen_at: datetime | None
    ended_at: datetime | None
    reason: str
    remedy: str


def note(connection: Connection[Any], verdicts: Iterable[Verdict]) -> None:
    """Write down what has stopped and what is over; what is unknown stays as it was."""
    known = [one for one in verdicts if one.state is not State.UNKNOWN]
    alive = [one for one in known if one.state is not State.STOPPED]
    over = {"parts": [one.part for one in alive], "told_by_others": [one.told_by_others for one in alive]}
    connection.execute(END, over)
    for one in known:
        if one.state is State.STOPPED:
            connection.execute(OPEN, asdict(one))


def to_tell(connection: Connection[Any]) -> Sequence[Outage]:
    """What people are to be told now."""
    with connection.cursor(row_factory=class_row(Outage)) as cursor:
        return cursor.execute(TO_TELL, {"again": TELL_AGAIN_AFTER, "lasting": LASTING}).fetchall()


def told(connection: Connection[Any], outages: Iterable[Outage]) -> None:
    """Somebody has got the message; before that the cooldown is not armed."""
    outages = list(outages)
    ended = [one.id for one in outages if one.ended_at is not None]
    with connection.transaction():
        connection.execute(TOLD, {"ids": [one.id for one in outages], "ended": ended})
