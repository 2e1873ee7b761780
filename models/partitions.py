"""The daily partitions of the time series: made ahead and on demand, dropped whole.

There is no DEFAULT partition. With one, no partition could be detached concurrently, and attaching one
would lock and search the default; instead the recorder makes the day that an insert did not find. Functions
of the database do the work, with the rights of its owner, because workers own no table.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from psycopg.errors import LockNotAvailable, ObjectNotInPrerequisiteState, QueryCanceled
from sqlalchemy import Connection, Engine, Row, TextClause, text
from sqlalchemy.exc import OperationalError

from models.session import CHORE, Patience, take_time

# So many days beyond today have their partitions already, so that a week without the cleanup costs no row.
DAYS_AHEAD = 7

# How often a lock is waited for: to make a day, each time as long as the session's lock_timeout. That lock on
# the parent (SHARE UPDATE EXCLUSIVE) lets reads and writes pass; only VACUUM and other DDL stand in its way.
# To drop a day nobody else may be at the table, and whoever comes waits too, for half a second at most.
TRIES = 5

# Packing a day of a thousand hosts takes ten minutes.
PACKING = replace(CHORE, statement=timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table that is partitioned by day of its column `by`."""

    table: str
    by: str
    # Its key begins with something else than the time: rows in the order of their coming split its pages.
    strewn: bool = False

    def child(self, day: date) -> str:
        return f"{self.table}_{day:%Y%m%d}"


PARTITIONED = (
    Partitioned("system_metrics_history", "ts", strewn=True),
    Partitioned("disk_metrics_history", "ts"),
    Partitioned("process_metrics_history", "ts"),
    Partitioned("infrastructure_health", "checked_at", strewn=True),
    Partitioned("custom_metrics_history", "ts", strewn=True),
)

# A day that is over may change its form: from raw to packed, when it is packed, and never in any other way.
RAW = PARTITIONED[0]
PACKED = Partitioned("system_metrics_packed", "hour")

State = Literal["attached", "detaching", "detached"]


@dataclass(frozen=True, slots=True)
class Partition:
    """One day of one table; `detaching` and `detached` are what an interrupted removal leaves."""

    parent: str
    name: str
    day: date
    state: State


class PartitionBusyError(Exception):
    """A partition could not be made or dropped: somebody has its table, or its day must stay."""


def day_of(at: datetime) -> date:
    """The day, in UTC, whose partition holds a row of the time `at` (aware)."""
    return at.astimezone(UTC).date()


def bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open interval, in UTC, that the partition of `day` holds."""
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)


def existing(connection: Connection) -> list[Partition]:
    """All daily partitions, oldest first, whatever their state."""
    rows = connection.execute(_EXISTING, {"parents": [table.table for table in (*PARTITIONED, PACKED)]})
    return [Partition(row.parent, row.name, date.fromisoformat(row.day), row.state) for row in rows]


def is_packed(connection: Connection, day: date) -> bool:
    """Whether system metrics of a day are packed, but for those that came for it later."""
    packed = text("SELECT to_regclass(:name) IS NOT NULL")
    return bool(connection.scalar(packed, {"name": PACKED.child(day)}))


def missing_days(connection: Connection, days: Iterable[date]) -> list[date]:
    """Those of `days` for which some table has no partition; cheap enough to ask for every batch."""
    names = {table.child(day): day for day in days for table in PARTITIONED}
    missing = connection.scalars(_MISSING, {"names": list(names)})
    return sorted({names[name] for name in missing})


def ensure(connection: Connection, first: date, last: date) -> list[str]:
    """Make the partitions of the days from `first` to `last`, both included, that are missing.

    Answers with the names of those made. Two at once are harmless; the locks last until the caller's
    transaction ends, so commit soon. Raises `PartitionBusyError` when other DDL holds a table for too long.
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days = missing_days(connection, days)
    return [name for table in PARTITIONED for name in _ensure(connection, table, days)] if days else []


def drop(engine: Engine, partition: Partition) -> None:
    """Drop a day, or what an interrupted removal left of it.

    Who writes or reads is held up for half a second at most, a few times. Raises `PartitionBusyError` when
    somebody, as a long query, keeps the table in use, and when the database refuses, because the day is not
    rolled up for good or a hold is on it; nothing is lost then.
    """
    _alone(engine, _DROP, partition, f"{partition.name} was not dropped")


def pack(engine: Engine, partition: Partition) -> None:
    """Pack a raw day, together with what is packed of it already, in one transaction.

    Raises `PartitionBusyError` as `drop` does, and when rows came for the day meanwhile; then it is raw as it
    was. A day of a hundred hosts takes a minute.
    """
    _alone(engine, _PACK, partition, f"{partition.name} was not packed", patience=PACKING, tries=1)


def rewrite_keys(engine: Engine, partition: Partition) -> None:
    """Make the indexes of a day that is over anew, with full pages.

    Who adds rows to that very day waits until it is done. Raises `PartitionBusyError` as `drop` does.
    """
    _alone(engine, _REWRITE, partition, f"the keys of {partition.name} were not made anew")


def _alone(
    engine: Engine,
    work: TextClause,
    partition: Partition,
    outcome: str,
    *,
    patience: Patience = CHORE,
    tries: int = TRIES,
) -> None:
    with engine.begin() as connection:
        take_time(connection, patience)
        _in_time(connection, work, partition.parent, partition.day, outcome, tries=tries)


def _ensure(connection: Connection, table: Partitioned, days: Iterable[date]) -> list[str]:
    outcome = f"no partition of {table.table} was made"
    return [table.child(day) for day in days if _in_time(connection, _MAKE, table.table, day, outcome)]


def _in_time(
    connection: Connection, work: TextClause, parent: str, day: date, outcome: str, *, tries: int = TRIES
) -> bool | None:
    """What `work` answers, tried a few times; each gives up on a lock soon, so that others can pass."""
    for attempt in range(1, tries + 1):
        savepoint = connection.begin_nested()
        try:
            answer: bool | None = connection.scalar(work, {"parent": parent, "day": day})
        except OperationalError as error:
            savepoint.rollback()
            if isinstance(error.orig, ObjectNotInPrerequisiteState):
                raise PartitionBusyError(error.orig.diag.message_primary) from error
            if not _gave_up(error):
                raise
            if attempt == tries:
                raise _busy(connection, parent, outcome) from error
        else:
            savepoint.commit()
            return answer
    raise AssertionError("the last try answers or raises")


def _gave_up(error: OperationalError) -> bool:
    return isinstance(error.orig, LockNotAvailable | QueryCanceled)


def _busy(connection: Connection, table: str, outcome: str) -> PartitionBusyError:
    holder = connection.execute(_HOLDER, {"table": table}).first()
    return PartitionBusyError(f"{outcome}: {_who(holder, table)}; it will be tried again")


def _who(holder: Row[Any] | None, table: str) -> str:
    if holder is None:
        return f"{table} was in use"
    # Since when is told to those who may know.
    since = f" since {holder.xact_start:%Y-%m-%d %H:%M:%S} UTC" if holder.xact_start else ""
    return f"process {holder.pid} ({holder.usename}, {holder.application_name}) has had {table} in use{since}"


_MAKE = text("SELECT make_partition(:parent, :day)")
_DROP = text("SELECT CAST(drop_partition(:parent, :day) AS text)")

_PACK = text("SELECT pack_day(:day)")
_REWRITE = text("SELECT rewrite_keys(:parent, :day)")

_EXISTING = text("""
    SELECT parent.name AS parent, child.relname AS name, right(child.relname, 8) AS day,
           CASE WHEN NOT child.relispartition THEN 'detached'
                WHEN link.inhdetachpending THEN 'detaching'
                ELSE 'attached' END AS state
      FROM unnest(CAST(:parents AS text[])) AS parent (name)
      JOIN pg_class AS child ON child.relname ~ ('^' || parent.name || '_[0-9]{8}$')
      LEFT JOIN pg_inherits AS link ON link.inhrelid = child.oid
     WHERE child.relkind = 'r' AND pg_table_is_visible(child.oid)
     ORDER BY day, parent
""")

_MISSING = text("""
    SELECT wanted.name
      FROM unnest(CAST(:names AS text[])) AS wanted (name)
      LEFT JOIN pg_class AS child ON child.oid = to_regclass(wanted.name)
      LEFT JOIN pg_inherits AS link ON link.inhrelid = child.oid
     WHERE child.relispartition IS NOT TRUE OR link.inhdetachpending
""")

_HOLDER = text("""
    SELECT activity.pid, activity.usename, activity.application_name,
           activity.xact_start AT TIME ZONE 'UTC' AS xact_start
      FROM pg_locks AS lock
      JOIN pg_stat_activity AS activity USING (pid)
     WHERE lock.relation = to_regclass(:table) AND lock.granted AND lock.pid <> pg_backend_pid()
     ORDER BY activity.xact_start
     LIMIT 1
""")
