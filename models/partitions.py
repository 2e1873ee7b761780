"""The daily partitions of the time series: made ahead and on demand, dropped whole.

There is no DEFAULT partition. With one, no partition could be detached concurrently, and attaching one
would lock and search the default; instead the recorder makes the day that an insert did not find. Nothing
here takes a lock that an insert or a query waits for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from psycopg.errors import LockNotAvailable, QueryCanceled
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

# So many days beyond today have their partitions already, so that a week without the cleanup costs no row.
DAYS_AHEAD = 7

# How often a lock is waited for, each time as long as the session's lock_timeout. The lock that is wanted on
# a parent (SHARE UPDATE EXCLUSIVE) lets reads and writes pass; only VACUUM and other DDL stand in its way.
TRIES = 5


@dataclass(frozen=True, slots=True)
class Partitioned:
    """A table that is partitioned by day of its column `by`."""

    table: str
    by: str

    def child(self, day: date) -> str:
        return f"{self.table}_{day:%Y%m%d}"


PARTITIONED = (
    Partitioned("system_metrics_history", "ts"),
    Partitioned("disk_metrics_history", "ts"),
    Partitioned("process_metrics_history", "ts"),
    Partitioned("infrastructure_health", "checked_at"),
)

State = Literal["attached", "detaching", "detached"]


@dataclass(frozen=True, slots=True)
class Partition:
    """One day of one table; `detaching` and `detached` are what an interrupted removal leaves."""

    parent: str
    name: str
    day: date
    state: State


class PartitionBusyError(Exception):
    """A partition could not be made or dropped in time, because somebody holds its table."""


def day_of(at: datetime) -> date:
    """The day, in UTC, whose partition holds a row of the time `at` (aware)."""
    return at.astimezone(UTC).date()


def bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open interval, in UTC, that the partition of `day` holds."""
    start = datetime.combine(day, time(), UTC)
    return start, start + timedelta(days=1)


def existing(connection: Connection) -> list[Partition]:
    """All daily partitions, oldest first, whatever their state."""
    rows = connection.execute(_EXISTING, {"parents": [table.table for table in PARTITIONED]})
    return [Partition(row.parent, row.name, date.fromisoformat(row.day), row.state) for row in rows]


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
    """Detach a partition without holding up reads and writes of its table, and drop it.

    Waits as long as the engine's sessions wait for a lock. An interrupted removal is taken up where it
    stopped. Raises `PartitionBusyError` when somebody, as a long query, keeps the table in use; nothing is
    lost then, and the next try goes on.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            _detach(connection, partition)
            connection.execute(text(f"DROP TABLE IF EXISTS {partition.name}"))
        except OperationalError as error:
            if not _gave_up(error):
                raise
            raise _busy(connection, partition.parent, f"{partition.name} was not dropped") from error


def _ensure(connection: Connection, table: Partitioned, days: Iterable[date]) -> list[str]:
    """With the lock in hand, look again: who was here before us may have made them."""
    _lock(connection, table.table)
    states = {partition.name: partition.state for partition in existing(connection)}
    missing = [day for day in days if states.get(table.child(day)) != "attached"]
    for day in missing:
        _make(connection, table, day, states.get(table.child(day)))
    return [table.child(day) for day in missing]


def _lock(connection: Connection, table: str) -> None:
    for attempt in range(1, TRIES + 1):
        savepoint = connection.begin_nested()
        try:
            connection.execute(text(f"LOCK TABLE ONLY {table} IN SHARE UPDATE EXCLUSIVE MODE"))
        except OperationalError as error:
            savepoint.rollback()
            if not _gave_up(error):
                raise
            if attempt == TRIES:
                raise _busy(connection, table, f"no partition of {table} was made") from error
        else:
            savepoint.commit()
            return


def _make(connection: Connection, table: Partitioned, day: date, state: State | None) -> None:
    """Made apart and then attached: CREATE TABLE … PARTITION OF would lock everybody out of the parent."""
    name = table.child(day)
    start, end = bounds(day)
    if state == "detaching":
        connection.execute(text(f"ALTER TABLE {table.table} DETACH PARTITION {name} FINALIZE"))
    if state is None:
        connection.execute(text(f"CREATE TABLE {name} (LIKE {table.table} INCLUDING ALL EXCLUDING INDEXES)"))
        connection.execute(text(f"COMMENT ON TABLE {name} IS '{day} (UTC) of {table.table}'"))
    connection.execute(
        text(f"ALTER TABLE {table.table} ATTACH PARTITION {name} FOR VALUES FROM ('{start}') TO ('{end}')")
    )


def _detach(connection: Connection, partition: Partition) -> None:
    how = {"attached": "CONCURRENTLY", "detaching": "FINALIZE"}.get(partition.state)
    if how:
        connection.execute(text(f"ALTER TABLE {partition.parent} DETACH PARTITION {partition.name} {how}"))


def _gave_up(error: OperationalError) -> bool:
    return isinstance(error.orig, LockNotAvailable | QueryCanceled)


def _busy(connection: Connection, table: str, outcome: str) -> PartitionBusyError:
    holder = connection.execute(_HOLDER, {"table": table}).first()
    who = (
        f"process {holder.pid} ({holder.usename}, {holder.application_name}) has had {table} in use since"
        f" {holder.xact_start:%Y-%m-%d %H:%M:%S} UTC"
        if holder
        else f"{table} was in use"
    )
    return PartitionBusyError(f"{outcome}: {who}; it will be tried again")


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
