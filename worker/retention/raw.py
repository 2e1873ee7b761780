"""Raw days past their horizon: which may go, and why another may not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select, table, text

from models.catalogue import METRIC_IDS
from models.partitions import Partition, bounds, existing
from worker.retention import holds


@dataclass(frozen=True, slots=True)
class Drop:
    """A partition that goes, or went: `rows` counted, `bytes` on disk with indexes, `day` in UTC."""

    table: str
    partition: str
    day: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A partition that is past its horizon and stays, and why."""

    partition: str
    day: str
    why: str


def judge(connection: Connection, oldest_kept: date) -> Iterator[tuple[Partition, Drop | Refusal]]:
    """The partitions of the days before `oldest_kept`, oldest first, and whether each may go."""
    reasons: dict[date, str | None] = {}
    for partition in existing(connection):
        if partition.day >= oldest_kept:
            return
        if partition.day not in reasons:
            reasons[partition.day] = _objection(connection, partition.day)
        yield partition, _verdict(connection, partition, reasons[partition.day])


def _verdict(connection: Connection, partition: Partition, objection: str | None) -> Drop | Refusal:
    drop = measure(connection, partition)
    # Of a day that began to go, the rest goes too: it was found rolled up when it began.
    if objection and partition.state == "attached" and drop.rows:
        return Refusal(partition.name, drop.day, objection)
    return drop


def measure(connection: Connection, partition: Partition) -> Drop:
    """What a partition holds."""
    size = select(
        func.count().label("rows"), func.pg_total_relation_size(partition.name).label("bytes")
    ).select_from(table(partition.name))
    row = connection.execute(size).one()
    return Drop(partition.parent, partition.name, partition.day.isoformat(), row.rows, row.bytes)


def _objection(connection: Connection, day: date) -> str | None:
    """Why the raw rows of a day have to stay; None when they may go."""
    start, end = bounds(day)
    return unfinished(connection, day) or _still_open(connection, start, end) or _held(connection, start, end)


def unfinished(connection: Connection, day: date) -> str | None:
    """What the roll-ups of a day lack; None when they are final and have seen all samples."""
    start, end = bounds(day)
    return _not_rolled_up(connection, start, end) or _not_counted(connection, start, end)


def _not_rolled_up(connection: Connection, start: datetime, end: datetime) -> str | None:
    row = connection.execute(_UNFINISHED, {"start": start, "end": end}).one()
    if row.late:
        return "samples came late and wait for the next roll-up"
    if not row.missing:
        return None
    return (
        f"{row.missing} of its 25 roll-ups (24 hours and the day) are not final, the first is the"
        f" {row.period} of {row.bucket:%Y-%m-%d %H:%M} UTC; aggregate it and clean up again"
    )


def _not_counted(connection: Connection, start: datetime, end: datetime) -> str | None:
    """Trust is good: the day's roll-up says how many samples of each host it has seen."""
    figures = {"start": start, "end": end, "samples": METRIC_IDS["uptime_s"]}
    row = connection.execute(_UNCOUNTED, figures).first()
    if row is None:
        return None
    return (
        f"it holds {row.held} samples of {row.host} and its roll-up has seen {row.seen};"
        f" aggregate {start:%Y-%m-%d} again with force and clean up again"
    )


def _still_open(connection: Connection, start: datetime, end: datetime) -> str | None:
    row = connection.execute(_OPEN, {"start": start, "end": end}).first()
    if row is None:
        return None
    return f"alert {row.id} ({row.component} of {row.host}) began on that day and is still open"


def _held(connection: Connection, start: datetime, end: datetime) -> str | None:
    hold = holds.on(connection, start, end)
    if hold is None:
        return None
    return f"hold {hold.name} of {hold.created_by} is on that day: {hold.reason}"


_UNFINISHED = text("""
    WITH windows AS (
        SELECT 'hour' AS period, bucket
          FROM generate_series(:start, CAST(:end AS timestamptz) - interval '1 hour', '1 hour') AS bucket
         UNION ALL SELECT 'day', :start
    ), missing AS (
        SELECT period, bucket FROM windows AS w
         WHERE NOT EXISTS (
               SELECT FROM rollup_windows AS r WHERE r.period = w.period AND r.bucket = w.bucket AND r.final)
    )
    SELECT (SELECT count(*) FROM missing) AS missing, first.period, first.bucket AT TIME ZONE 'UTC' AS bucket,
           EXISTS (SELECT FROM rollup_dues WHERE bucket >= :start AND bucket < :end) AS late
      FROM (VALUES (1)) AS one
      LEFT JOIN LATERAL (SELECT * FROM missing ORDER BY bucket, period LIMIT 1) AS first ON true
""")

_UNCOUNTED = text("""
    WITH held AS (
        SELECT host_id, count(*) AS rows FROM system_metrics(:start, :end) GROUP BY host_id
    )
    SELECT coalesce(h.name, 'host ' || held.host_id) AS host, held.rows AS held, coalesce(a.count, 0) AS seen
      FROM held
      LEFT JOIN hosts AS h ON h.id = held.host_id
      LEFT JOIN metric_aggregations AS a
        ON a.host_id = held.host_id AND a.metric_id = :samples AND a.period = 'day' AND a.subject = ''
       AND a.bucket = :start
     WHERE coalesce(a.count, 0) <> held.rows
     ORDER BY host
     LIMIT 1
""")

_OPEN = text("""
    SELECT a.id, a.component, h.name AS host
      FROM infrastructure_alerts AS a JOIN hosts AS h ON h.id = a.host_id
     WHERE a.resolved_at IS NULL AND a.breach_since < :end AND a.opened_at >= :start
     ORDER BY a.id
     LIMIT 1
""")
