"""The evidence: how a machine looks at the moment something about it changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, select

from domain.sample import Sample, SystemSample
from domain.snapshot import BusyProcess, Fact, Snapshot
from models import ProcessMetrics, SystemMetrics
from models.base import Json
from worker.health import judge
from worker.observations import Observation

FACTS = {
    "cpu_percent": ("CPU", "%"),
    "load_1m": ("load", ""),
    "memory_percent": ("memory", "%"),
    "memory_available_gb": ("memory available", "GB"),
    "swap_percent": ("swap", "%"),
    "disk_percent": ("disks", "%"),
    "network_bytes_in_per_s": ("network in", "B/s"),
    "network_bytes_out_per_s": ("network out", "B/s"),
    "connections": ("connections", ""),
}

SNAPSHOT = TypeAdapter(Snapshot)
TOP = 5
FRESH = timedelta(minutes=2)


def look(
    connection: Connection,
    host_id: int,
    at: datetime,
    seen: Sequence[Observation],
    figures: Mapping[str, float | None] | None = None,
) -> Json:
    """The figures (the newest stored ones, if none are given), the health, and the busiest processes."""
    figures = figures or newest_figures(connection, host_id, at)
    snapshot = Snapshot(
        health=judge(figures, seen).score,
        facts=tuple(_facts(figures)),
        processes=_busiest(connection, host_id, at),
    )
    document: Json = SNAPSHOT.dump_python(snapshot, mode="json")
    return document


def figures_of(sample: Sample) -> Mapping[str, float | None]:
    """The figures that a sample brings; most kinds of samples bring none."""
    return {name: getattr(sample, name) for name in FACTS} if isinstance(sample, SystemSample) else {}


def newest_figures(connection: Connection, host_id: int, at: datetime) -> Mapping[str, float | None]:
    """The newest stored figures of a host, empty where it has none within two minutes of `at`."""
    columns = [SystemMetrics.__table__.c[name] for name in FACTS]
    row = connection.execute(
        select(*columns)
        .where(SystemMetrics.host_id == host_id, SystemMetrics.ts.between(at - FRESH, at + FRESH))
        .order_by(SystemMetrics.ts.desc())
        .limit(1)
    ).first()
    return {} if row is None else dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public way to a mapping


def _facts(figures: Mapping[str, float | None]) -> Iterator[Fact]:
    """Each with what is known of it; none at all where nothing can be, as of Tocsin itself."""
    if figures:
        for name, (title, unit) in FACTS.items():
            yield Fact(name=title, value=figures.get(name), unit=unit)


def _busiest(connection: Connection, host_id: int, at: datetime) -> tuple[BusyProcess, ...]:
    """The processes of the newest look at them: the top by CPU, and then the top by memory."""
    rows = _newest_processes(connection, host_id, at)
    by_cpu = sorted(rows, key=lambda r: r.cpu_percent or 0, reverse=True)[:TOP]
    by_memory = sorted(rows, key=lambda r: r.memory_mb, reverse=True)[:TOP]
    return tuple(
        BusyProcess(
            name=row.name,
            pid=row.pid,
            cpu_percent=row.cpu_percent,
            memory_mb=row.memory_mb,
            memory_percent=row.memory_percent,
            started_at=row.created_at,
        )
        for row in dict.fromkeys([*by_cpu, *by_memory])
    )


def _newest_processes(
    connection: Connection, host_id: int, at: datetime
) -> Sequence[Row[str, int, float | None, float, float, datetime]]:
    newest = (
        select(ProcessMetrics.ts)
        .where(ProcessMetrics.host_id == host_id, ProcessMetrics.ts.between(at - FRESH, at + FRESH))
        .order_by(ProcessMetrics.ts.desc())
        .limit(1)
        .scalar_subquery()
    )
    return connection.execute(
        select(
            ProcessMetrics.name,
            ProcessMetrics.pid,
            ProcessMetrics.cpu_percent,
            ProcessMetrics.memory_mb,
            ProcessMetrics.memory_percent,
            ProcessMetrics.created_at,
        ).where(ProcessMetrics.host_id == host_id, ProcessMetrics.ts == newest)
    ).all()
