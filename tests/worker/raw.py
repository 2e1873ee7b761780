"""Raw rows for tests of roll-ups and retention: what collectors would have sent."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.dialects.postgresql import insert as upsert

from models import DiskMetrics, Host, InfrastructureHealth, ProcessMetrics, SystemMetrics, partitions

DAY = datetime(2026, 11, 21, tzinfo=UTC)
HOUR = DAY.replace(hour=10)
TICK = timedelta(seconds=5)


def add_hosts(connection: Connection, *names: str) -> list[int]:
    rows = [{"name": name, "first_seen_at": DAY} for name in names]
    return list(connection.scalars(insert(Host).returning(Host.id, sort_by_parameter_order=True), rows))


def add_days(engine: Engine, first: datetime = DAY, last: datetime | None = None) -> None:
    with engine.begin() as connection:
        partitions.ensure(connection, first.date(), (last or first).date())


def add_system(connection: Connection, rows: Iterable[Mapping[str, object]]) -> None:
    """Store system rows as the recorder does: one that is there already stays as it is."""
    connection.execute(
        upsert(SystemMetrics).on_conflict_do_nothing(), [{"uptime_s": 60.0, **row} for row in rows]
    )


def add_many(
    connection: Connection, host_id: int, start: datetime, count: int, cpu_percent: float = 50
) -> None:
    """`count` system rows of one host, a tick apart, in one statement."""
    connection.execute(
        text(
            "INSERT INTO system_metrics_history (ts, host_id, uptime_s, cpu_percent)"
            " SELECT CAST(:start AS timestamptz) + n * interval '5 s', :host_id, n, :cpu_percent"
            " FROM generate_series(0, :count - 1) AS n"
        ),
        {"start": start, "host_id": host_id, "count": count, "cpu_percent": cpu_percent},
    )


def add_disk(connection: Connection, host_id: int, at: datetime, mount: str, percent: float) -> None:
    connection.execute(
        insert(DiskMetrics).values(
            ts=at,
            host_id=host_id,
            mount=mount,
            device="/dev/vda1",
            filesystem="ext4",
            total_gb=100,
            used_gb=percent,
            free_gb=100 - percent,
            percent=percent,
        )
    )


def add_process(
    connection: Connection, host_id: int, at: datetime, pid: int, cpu_percent: float | None, *, own: bool
) -> None:
    connection.execute(
        insert(ProcessMetrics).values(
            ts=at,
            host_id=host_id,
            pid=pid,
            name="python",
            status="sleeping",
            cpu_percent=cpu_percent,
            memory_mb=40,
            memory_percent=1,
            threads=1,
            created_at=DAY,
            own=own,
        )
    )


def add_health(
    connection: Connection, host_id: int, at: datetime, score: float | None, component: str = "machine"
) -> None:
    connection.execute(
        insert(InfrastructureHealth).values(
            checked_at=at,
            host_id=host_id,
            component=component,
            score=score,
            status="healthy",
            warnings=[],
            criticals=[],
            parts={},
        )
    )
