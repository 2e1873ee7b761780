"""What a cleanup would do: which partitions and rows go, which stay and why, which are packed or made."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from models.partitions import DAYS_AHEAD, PARTITIONED, Partition, existing
from worker.retention.closing import MOST, Pack, packable, rewritable
from worker.retention.horizons import Horizons, horizon
from worker.retention.incidents import count_incidents
from worker.retention.raw import Drop, Refusal, judge
from worker.retention.rows import Deletion, old_rows


@dataclass(frozen=True, slots=True)
class CleanupPlan:
    """What there is to do on a day, with the partitions that it is to be done to."""

    drops: tuple[tuple[Partition, Drop], ...]
    packs: tuple[tuple[Partition, Pack], ...]
    rewrites: tuple[Partition, ...]
    refusals: tuple[Refusal, ...]
    deletions: tuple[Deletion, ...]
    to_make: tuple[str, ...]


def plan(connection: Connection, horizons: Horizons, today: date) -> CleanupPlan:
    """Look at what is past its horizon on the day `today` (UTC), and change nothing."""
    old = list(judge(connection, today - timedelta(days=horizons.raw_days)))
    closed = list(packable(connection, horizons, today))
    deletions = [rows.count(connection) for rows in old_rows(horizons, today)]
    deletions += count_incidents(connection, horizon(today, horizons.alert_days))
    return CleanupPlan(
        drops=tuple((one, verdict) for one, verdict in old if isinstance(verdict, Drop)),
        packs=tuple((one, verdict) for one, verdict in closed if isinstance(verdict, Pack))[:MOST],
        rewrites=tuple(rewritable(connection, horizons, today)),
        refusals=tuple(verdict for _, verdict in (*old, *closed) if isinstance(verdict, Refusal)),
        deletions=tuple(deletion for deletion in deletions if deletion.rows),
        to_make=tuple(_missing(connection, today)),
    )


def _missing(connection: Connection, today: date) -> list[str]:
    """The partitions from today to a week ahead that are not there."""
    present = {partition.name for partition in existing(connection) if partition.state == "attached"}
    days = [today + timedelta(days=n) for n in range(DAYS_AHEAD + 1)]
    return [name for table in PARTITIONED for day in days if (name := table.child(day)) not in present]
