"""The health check: every host and Tocsin's own services; who is silent, and what is slow."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from redis import Redis
from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from domain.cadence import HEALTH_INTERVAL, PROCESS_INTERVAL, SILENCE, slot
from domain.health import HealthStatus
from domain.hosts import SELF
from models import DiskMetrics, Host, InfrastructureHealth, SystemMetrics, clock, counters, partitions
from policy import METRICS, Origin, Policy
from worker import services
from worker.evaluation import Evaluator, Scene
from worker.health import UNKNOWN, Health, judge
from worker.hosts import know_self
from worker.observations import Observation, of_machine
from worker.services import Service
from worker.silence import Signs, of_host, of_parts
from worker.snapshots import look

MEASURED = tuple(m.attribute for m in METRICS.values() if m.origin is Origin.SYSTEM)
FIGURES = tuple(dict.fromkeys([*MEASURED, "disk_percent"]))

# Made once: to put them together takes longer than to ask them.
HOSTS = (
    select(Host.id, Host.name, Host.last_seen_at, Host.contested_at)
    .where(Host.kind == "host", Host.last_seen_at.is_not(None), Host.retired_at.is_(None))
    .order_by(Host.name)
    .with_for_update()
)
NEWEST_FIGURES = (
    select(SystemMetrics.host_id, *(SystemMetrics.__table__.c[name] for name in FIGURES))
    .ext(distinct_on(SystemMetrics.host_id))
    .where(SystemMetrics.ts >= bindparam("since"))
    .order_by(SystemMetrics.host_id, SystemMetrics.ts.desc())
)
NEWEST_MOUNTS = (
    select(DiskMetrics.host_id, DiskMetrics.mount, DiskMetrics.percent)
    .ext(distinct_on(DiskMetrics.host_id, DiskMetrics.mount))
    .where(DiskMetrics.ts >= bindparam("since"))
    .order_by(DiskMetrics.host_id, DiskMetrics.mount, DiskMetrics.ts.desc())
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: hosts looked at, those that nobody knows about, and changes of alerts."""

    hosts: int
    unknown: int
    changes: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A host as the check finds it; figures are empty when none are fresh."""

    id: int
    name: str
    last_seen_at: datetime
    contested_at: datetime | None
    figures: Mapping[str, float | None]
    mounts: Mapping[str, float]


def check(engine: Engine, redis: Redis, policy: Policy, *, further: Iterable[Service] = ()) -> Checked:
    """Check everything once, in one transaction; running it twice for one slot leaves what once leaves.

    `further` are parts of Tocsin that only the caller can tell about.
    """
    with engine.begin() as connection:
        now = clock.now(connection)
        signs = Signs.read(connection, now)
        found = [(host, _judge(policy, host)) for host in _watched(connection, now)]
        about = [services.database(connection, engine), services.redis(redis), *further]
        self_id = know_self(connection, now)
        _write(connection, slot(now, HEALTH_INTERVAL), self_id, found, about)
        evaluator = Evaluator(connection, [self_id, *(host.id for host, _ in found)])
        for host, _ in found:
            seen = [
                *of_host(policy, host.name, host.last_seen_at, signs.recorder),
                *_machines(policy, host, now),
            ]
            evaluator.evaluate(_scene(connection, host.id, now, policy), seen)
        ours = [*of_parts(policy, signs), *_slow(policy, about)]
        evaluator.evaluate(_scene(connection, self_id, now, policy), ours)
        evaluator.finish()
        counters.fold(connection)
    unknown = sum(health.status is HealthStatus.UNKNOWN for _, health in found)
    return Checked(len(found), unknown, len(evaluator.alerts))


def _watched(connection: Connection, now: datetime) -> Sequence[Watched]:
    """Every host with its fresh figures, locked in the order of names as the recorder locks them."""
    hosts = connection.execute(HOSTS).all()
    figures, mounts = _figures(connection, now), _mounts(connection, now)
    return [
        Watched(h.id, h.name, h.last_seen_at, h.contested_at, figures.get(h.id, {}), mounts[h.id])
        for h in hosts
    ]


def _figures(connection: Connection, now: datetime) -> Mapping[int, Mapping[str, float | None]]:
    rows = connection.execute(NEWEST_FIGURES, {"since": now - SILENCE}).mappings()
    return {row["host_id"]: {name: row[name] for name in FIGURES} for row in rows}


def _mounts(connection: Connection, now: datetime) -> Mapping[int, Mapping[str, float]]:
    rows = connection.execute(NEWEST_MOUNTS, {"since": now - PROCESS_INTERVAL - SILENCE})
    found: defaultdict[int, dict[str, float]] = defaultdict(dict)
    for row in rows:
        found[row.host_id][row.mount] = row.percent
    return found


def _judge(policy: Policy, host: Watched) -> Health:
    if not host.figures:
        return UNKNOWN
    return judge(host.figures, of_machine(policy, host.name, host.figures, host.mounts))


def _machines(policy: Policy, host: Watched, now: datetime) -> Iterator[Observation]:
    """How many machines send as this host, where there were ever two: a row is of one or the other."""
    if host.contested_at is not None:
        machines = 2 if now - host.contested_at <= 2 * HEALTH_INTERVAL else 1
        for rule in policy.rules_for(host.name, "name"):
            yield Observation("name", rule, machines)


def _slow(policy: Policy, about: Iterable[Service]) -> Iterator[Observation]:
    for service in about:
        for rule in policy.rules_for(SELF, service.name):
            if service.response_ms is not None:
                yield Observation(service.name, rule, service.response_ms)


def _scene(connection: Connection, host_id: int, now: datetime, policy: Policy) -> Scene:
    return Scene(host_id, now, partial(look, connection, host_id, now, ()), policy.cooldown)


def _write(
    connection: Connection,
    at: datetime,
    self_id: int,
    found: Iterable[tuple[Watched, Health]],
    about: Iterable[Service],
) -> None:
    partitions.ensure(connection, at.date(), at.date())
    rows = [_of_host(at, host, health) for host, health in found]
    rows += [_of_service(at, self_id, service) for service in about]
    connection.execute(insert(InfrastructureHealth).on_conflict_do_nothing(), rows)


def _of_host(at: datetime, host: Watched, health: Health) -> dict[str, Any]:
    return {
        "checked_at": at,
        "host_id": host.id,
        "component": "machine",
        "score": health.score.value if health.score else None,
        "response_ms": None,
        "status": health.status,
        "level": health.score.level.name if health.score else None,
        "warnings": health.warnings,
        "criticals": health.criticals,
        "parts": asdict(health.score) if health.score else {},
    }


def _of_service(at: datetime, self_id: int, service: Service) -> dict[str, Any]:
    return {
        "checked_at": at,
        "host_id": self_id,
        "component": service.name,
        "score": None,
        "response_ms": service.response_ms,
        "status": service.status,
        "level": None,
        "warnings": [service.warning] if service.warning else [],
        "criticals": [service.trouble] if service.trouble else [],
        "parts": service.figures,
    }
