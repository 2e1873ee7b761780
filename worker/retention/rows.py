"""Rows past their horizon in tables without partitions: counted first, deleted in batches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, text

from worker.retention.holds import nothing_holds
from worker.retention.horizons import Horizons, horizon

# A batch is one transaction: small enough that nobody waits for it, and that an interruption loses little.
BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Deletion:
    """Rows that go, or went: those of `table`, of the kind `what`, from before `before` (UTC)."""

    table: str
    what: str
    before: str
    rows: int


@dataclass(frozen=True, slots=True)
class Old:
    """Rows of `table` for which `condition` holds, and a name for them; `before` is its parameter."""

    table: str
    what: str
    condition: str
    before: datetime

    def count(self, connection: Connection) -> Deletion:
        count = text(f"SELECT count(*) FROM {self.table} WHERE {self.condition}")  # noqa: S608 - our constants
        return self._deletion(connection.execute(count, {"before": self.before}).scalar_one())

    def delete(self, engine: Engine) -> Deletion:
        """Delete them, a batch at a time, each in a transaction of its own."""
        rows = sum(self._batches(engine))
        return self._deletion(rows)

    def _batches(self, engine: Engine) -> Iterator[int]:
        batch = text(
            f"DELETE FROM {self.table} WHERE ctid = ANY (ARRAY("  # noqa: S608 - our constants
            f"SELECT ctid FROM {self.table} WHERE {self.condition} LIMIT {BATCH}))"
        )
        deleted = BATCH
        while deleted == BATCH:
            with engine.begin() as connection:
                deleted = connection.execute(batch, {"before": self.before}).rowcount
            yield deleted

    def _deletion(self, rows: int) -> Deletion:
        return Deletion(self.table, self.what, f"{self.before:%Y-%m-%d %H:%M} UTC", rows)


def old_rows(horizons: Horizons, today: date) -> tuple[Old, ...]:
    """What goes from the tables without partitions, alerts apart.

    Hosts come first: whether one may go is asked of the rows that are there before any went.
    """
    hourly, daily = horizon(today, horizons.hourly_days), horizon(today, horizons.daily_days)
    runs, alerts = horizon(today, horizons.run_days), horizon(today, horizons.alert_days)
    # As long as anything that it speaks of: without its line in the ledger an hour would be rolled up again.
    ledger = min(hourly, daily, horizon(today, horizons.raw_days))
    return (
        Old("hosts", "hosts that are gone", _GONE, min(ledger, alerts)),
        Old("metric_aggregations", "hourly roll-ups", _old_rollups("hour"), hourly),
        Old("metric_aggregations", "daily roll-ups", _old_rollups("day"), daily),
        Old("rollup_windows", "ledger of the roll-ups", f"bucket < :before AND {_FREE}", ledger),
        Old("custom_series", "series that nobody writes to any more", "last_at < :before", ledger),
        Old("task_runs", "ledger of chores", "started_at < :before", runs),
        Old("task_minutes", "minutes of tasks", "minute < :before", horizon(today, horizons.minute_days)),
        Old("heartbeats", "signs of life of parts that are gone", "at < :before", runs),
        Old("outages", "stops of Tocsin's own parts", "ended_at < :before", alerts),
        Old("alert_watches", "watches of what is gone", "severity IS NULL AND last_at < :before", alerts),
        Old("destination_states", "states of destinations that are gone", "refilled_at < :before", alerts),
        Old("silences", "silences that are over", "ends_at < :before", alerts),
        Old("holds", "holds that were ended", "ended_at < :before", alerts),
    )


def _old_rollups(period: str) -> str:
    return f"period = '{period}' AND bucket < :before AND {_FREE}"


_FREE = nothing_holds("bucket", "bucket + CAST('1 ' || period AS interval)")

# Nothing may be left that names the host; what is left goes first, by its own horizon.
_GONE = """
    kind = 'host' AND coalesce(last_seen_at, first_seen_at) < :before
    AND NOT EXISTS (SELECT FROM metric_aggregations AS a WHERE a.host_id = hosts.id)
    AND NOT EXISTS (SELECT FROM infrastructure_alerts AS a WHERE a.host_id = hosts.id)
    AND NOT EXISTS (SELECT FROM custom_series AS c WHERE c.host_id = hosts.id)
    AND NOT EXISTS (SELECT FROM alert_watches AS w WHERE w.host_id = hosts.id)
    AND NOT EXISTS (SELECT FROM system_metrics_history AS s WHERE s.host_id = hosts.id)
    AND NOT EXISTS (SELECT FROM system_metrics_packed AS s WHERE s.host_id = hosts.id)
"""
