"""What was stored of a host around a time: its samples, its alerts, and whether Tocsin itself was at work."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, text

from domain.cadence import HEALTH_INTERVAL, PROCESS_INTERVAL, SAMPLE_INTERVAL
from domain.hosts import SELF
from models import (
    DiskMetrics,
    Heartbeat,
    Host,
    InfrastructureHealth,
    SystemMetrics,
    SystemMetricsPacked,
    system_metrics,
)
from policy import METRICS, Origin, Policy
from worker.observations import Observation, of_machine

LOOK_BACK = timedelta(minutes=15)
# A sample lies at the slot that is nearest to its arrival, up to half an interval later.
SLACK = SAMPLE_INTERVAL / 2
DISK_SLACK = PROCESS_INTERVAL / 2

MEASURED = tuple(METRICS[name].attribute for name in METRICS if METRICS[name].origin is Origin.SYSTEM)
Observed = Mapping[datetime, Sequence[Observation]]


@dataclass(frozen=True, slots=True)
class AtWork:
    """Whether Tocsin worked at a time: samples of other hosts, its own health checks, and its recorder."""

    others: int
    checks: int
    recording: bool
    oldest: datetime | None


def host_of(connection: Connection, name: str) -> tuple[int, datetime] | None:
    """The id of a host and when its first sample came, None where no host has that name."""
    row = connection.execute(select(Host.id, Host.first_seen_at).where(Host.name == name)).one_or_none()
    return (row.id, row.first_seen_at) if row else None


def hosts(connection: Connection) -> Sequence[str]:
    return (
        connection.execute(select(Host.name).where(Host.kind == "host").order_by(Host.name)).scalars().all()
    )


def readings(connection: Connection, policy: Policy, host_id: int, host: str, at: datetime) -> Observed:
    """What the samples of the machine said in the minutes up to a time."""
    seen = system_metrics(at - LOOK_BACK, at + SLACK)
    rows = connection.execute(
        select(seen.c.ts, *(seen.c[name] for name in MEASURED))
        .where(seen.c.host_id == host_id)
        .order_by(seen.c.ts)
    ).mappings()
    return {row["ts"]: of_machine(policy, host, {name: row[name] for name in MEASURED}, {}) for row in rows}


def partitions(connection: Connection, policy: Policy, host_id: int, host: str, at: datetime) -> Observed:
    """How full its partitions were in the minutes up to a time."""
    rows = connection.execute(
        select(DiskMetrics.ts, DiskMetrics.mount, DiskMetrics.percent)
        .where(DiskMetrics.host_id == host_id, DiskMetrics.ts.between(at - LOOK_BACK, at + DISK_SLACK))
        .order_by(DiskMetrics.ts)
    )
    found: defaultdict[datetime, dict[str, float]] = defaultdict(dict)
    for row in rows:
        found[row.ts][row.mount] = row.percent
    return {ts: of_machine(policy, host, {}, mounts) for ts, mounts in found.items()}


def alerts_open_at(connection: Connection, host_id: int, at: datetime) -> Sequence[int]:
    """The numbers of the alerts of a host that were open at a time."""
    rows = connection.execute(_OPEN_AT, {"host_id": host_id, "at": at})
    return rows.scalars().all()


def at_work(connection: Connection, host_id: int, at: datetime) -> AtWork:
    near = system_metrics(at - 3 * SAMPLE_INTERVAL, at + SLACK)
    others = select(func.count()).select_from(near).where(near.c.host_id != host_id)
    checked = InfrastructureHealth.checked_at.between(at - 3 * HEALTH_INTERVAL, at + HEALTH_INTERVAL / 2)
    checks = (
        select(func.count(InfrastructureHealth.checked_at.distinct()))
        .join(Host, Host.id == InfrastructureHealth.host_id)
        .where(checked, Host.name == SELF)
    )
    recording = select(Heartbeat.at).where(
        Heartbeat.component == "recorder", Heartbeat.since <= at, Heartbeat.at >= at - 3 * SAMPLE_INTERVAL
    )
    return AtWork(
        others=connection.execute(others).scalar_one(),
        checks=connection.execute(checks).scalar_one(),
        recording=connection.execute(recording).first() is not None,
        oldest=connection.execute(_OLDEST).scalar_one(),
    )


def last_sample(connection: Connection, host_id: int, before: datetime) -> datetime | None:
    """When the last sample came in the day before a time."""
    since = before - timedelta(days=1)
    seen = system_metrics(since, before)
    query = select(func.max(seen.c.ts)).where(seen.c.host_id == host_id)
    last: datetime | None = connection.execute(query).scalar_one()
    return last


_OLDEST = select(
    func.least(
        select(func.min(SystemMetrics.ts)).scalar_subquery(),
        select(func.min(SystemMetricsPacked.__table__.c.hour)).scalar_subquery(),
    )
)

_OPEN_AT = text("""
    SELECT id FROM infrastructure_alerts
     WHERE host_id = :host_id AND opened_at <= :at AND (resolved_at IS NULL OR resolved_at > :at)
     ORDER BY opened_at, id
""")
