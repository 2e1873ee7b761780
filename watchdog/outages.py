"""What the watchdog remembers in Postgres: which parts have stopped, and what people were told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from watchdog.judgement import State, Verdict

# The same part is not told of again within it, as with every alert.
TELL_AGAIN_AFTER = timedelta(minutes=15)

OPEN = """
    INSERT INTO outages (part, began_at, seen_at, reason, remedy)
    VALUES (%(part)s, clock_timestamp(), %(since)s, %(reason)s, %(remedy)s)
        ON CONFLICT (part) WHERE ended_at IS NULL
        DO UPDATE SET reason = excluded.reason, remedy = excluded.remedy
"""

# Of what is told by others from now on, the end is not told: it is none.
END = """
    UPDATE outages
       SET ended_at = clock_timestamp(), end_told_at = CASE WHEN %(told_by_others)s THEN clock_timestamp() END
     WHERE part = %(part)s AND ended_at IS NULL
"""

# Of a part that comes and goes, people hear once in 15 minutes, and of an end only who heard of the start.
TO_TELL = """
    SELECT o.id, o.part, o.began_at, o.seen_at, o.ended_at, o.reason, o.remedy
      FROM outages AS o
     WHERE (o.ended_at IS NULL
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
    with connection.transaction():
        for one in verdicts:
            if one.state is State.UNKNOWN:
                continue
            connection.execute(OPEN if one.state is State.STOPPED else END, asdict(one))


def to_tell(connection: Connection[Any]) -> Sequence[Outage]:
    """What people are to be told now."""
    with connection.transaction(), connection.cursor(row_factory=class_row(Outage)) as cursor:
        return cursor.execute(TO_TELL, {"again": TELL_AGAIN_AFTER}).fetchall()


def told(connection: Connection[Any], outages: Iterable[Outage]) -> None:
    """Somebody has got the message; before that the cooldown is not armed."""
    outages = list(outages)
    ended = [one.id for one in outages if one.ended_at is not None]
    with connection.transaction():
        connection.execute(TOLD, {"ids": [one.id for one in outages], "ended": ended})
