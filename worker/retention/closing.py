"""Days that are over and stay: after some days packed, until then with the pages of their keys filled up.

Packing loses nothing, so that neither a hold nor an open alert stands in its way; only what may still change
does: a roll-up that is not final, samples that came late.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select, table, text

from models.partitions import PARTITIONED, RAW, Partition, existing
from worker.retention.horizons import Horizons
from worker.retention.raw import Refusal, measure, unfinished

# No run packs more days than this, so that it ends; the next one goes on.
MOST = 7

STREWN = {one.table for one in PARTITIONED if one.strewn}


@dataclass(frozen=True, slots=True)
class Pack:
    """A raw day that is packed, or was: `rows` counted, `bytes` on disk with indexes, which it gets back.

    `packed_bytes` is what the day takes since; None until that is known.
    """

    partition: str
    day: str
    rows: int
    bytes: int
    packed_bytes: int | None = None


def packable(
    connection: Connection, horizons: Horizons, today: date
) -> Iterator[tuple[Partition, Pack | Refusal]]:
    """The raw days that are to be packed, oldest first, and whether each may be; none past their horizon."""
    if horizons.pack_after_days is None:
        return
    kept = today - timedelta(days=horizons.raw_days)
    before = today - timedelta(days=horizons.pack_after_days)
    for partition in existing(connection):
        due = partition.parent == RAW.table and kept <= partition.day < before
        if due and _has_rows(connection, partition):
            yield partition, _verdict(connection, partition)


def rewritable(connection: Connection, horizons: Horizons, today: date) -> list[Partition]:
    """The days that are over and not to be packed yet, whose keys are as the rows left them."""
    kept = today - timedelta(days=horizons.raw_days)
    packed = today - timedelta(days=horizons.pack_after_days or horizons.raw_days)
    closed = {
        one.name: one
        for one in existing(connection)
        if one.parent in STREWN
        and (packed if one.parent == RAW.table else kept) <= one.day < today
        and _has_rows(connection, one)
    }
    return [closed[name] for name in connection.scalars(_AS_WRITTEN, {"names": list(closed)})]


def _verdict(connection: Connection, partition: Partition) -> Pack | Refusal:
    objection = unfinished(connection, partition.day)
    if objection:
        return Refusal(partition.name, partition.day.isoformat(), f"it is not packed: {objection}")
    raw = measure(connection, partition)
    return Pack(partition.name, raw.day, raw.rows, raw.bytes)


def _has_rows(connection: Connection, partition: Partition) -> bool:
    rows = select(1).select_from(table(partition.name)).limit(1)
    return partition.state == "attached" and connection.execute(rows).first() is not None


# An index that was made anew lies in a file that is not called after it any more.
_AS_WRITTEN = text("""
    SELECT t.relname FROM pg_class AS t
     WHERE t.relname = ANY (CAST(:names AS text[])) AND pg_table_is_visible(t.oid) AND EXISTS (
           SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indisprimary
                                       AND pg_relation_filenode(i.indexrelid) = i.indexrelid)
     ORDER BY right(t.relname, 8), t.relname
""")
