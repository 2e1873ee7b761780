"""Stores what the stream brought, and evaluates it, in one transaction for each batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from redis import Redis
from sqlalchemy import Connection, Engine
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DataError, IntegrityError

from domain.sample import DrillSample
from models import Base, DiskMetrics, ProcessMetrics, SystemMetrics, clock, counters, partitions
from policy import Policy
from worker import heartbeats, rollups, stream
from worker.arrival import Arrived, timed
from worker.evaluation import Evaluator, Scene
from worker.hosts import know
from worker.observations import observations
from worker.rows import Row, disk_rows, process_rows, system_rows
from worker.snapshots import figures_of, look


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a drain did: entries taken from the stream, and changes of alerts that came of them."""

    entries: int = 0
    changes: int = 0


def record_waiting(engine: Engine, redis: Redis, policy: Policy, *, consumer: str) -> Recorded:
    """Store and evaluate every sample that waits in the stream.

    Nothing is taken from the stream unless Postgres answers, and what a failure interrupts stays in it.
    Raises sqlalchemy.exc.OperationalError or redis.exceptions.ConnectionError when one of them is away.
    """
    changed: list[int] = []
    with engine.connect() as connection:
        clock.now(connection)
        connection.rollback()
        entries = stream.drain(redis, consumer, partial(_store, connection, redis, policy, changed))
    return Recorded(entries, len(changed))


def _store(
    connection: Connection, redis: Redis, policy: Policy, changed: list[int], entries: Sequence[stream.Entry]
) -> None:
    try:
        with connection.begin():
            changed += _record(connection, policy, timed(connection, redis, entries))
    except (DataError, IntegrityError) as error:
        if len(entries) == 1:
            stream.reject(redis, entries[0].id, {}, f"Postgres refuses it: {error.orig!s:.300}")
            return
        # One of them is bad: each on its own, so that it takes no other with it.
        for entry in entries:
            _store(connection, redis, policy, changed, [entry])


def _record(connection: Connection, policy: Policy, arrived: Sequence[Arrived]) -> list[int]:
    hosts = know(connection, arrived)
    _write(connection, arrived, hosts)
    evaluator = Evaluator(connection, hosts.values())
    for one in sorted(arrived, key=lambda a: a.at):
        host_id = hosts[one.sample.host]
        seen = observations(policy, one.sample)
        scene = Scene(
            host_id,
            one.at,
            partial(look, connection, host_id, one.at, seen, figures_of(one.sample)),
            policy.cooldown,
            is_drill=isinstance(one.sample, DrillSample),
        )
        evaluator.evaluate(scene, seen)
    evaluator.finish()
    kinds = Counter(stream.KIND_OF[type(one.sample)] for one in arrived)
    counters.count(connection, "samples_recorded", kinds, label="kind")
    heartbeats.beat(connection, "recorder", clock.now(connection), {"entries": len(arrived)})
    return evaluator.alerts


def _write(connection: Connection, arrived: Sequence[Arrived], hosts: Mapping[str, int]) -> None:
    tables: dict[type[Base], list[Row]] = {
        SystemMetrics: system_rows(arrived, hosts),
        DiskMetrics: disk_rows(arrived, hosts),
        ProcessMetrics: process_rows(arrived, hosts),
    }
    times = {row["ts"] for rows in tables.values() for row in rows}
    for day in sorted({at.date() for at in times}):
        partitions.ensure(connection, day, day)
    for table, rows in tables.items():
        # A row that is there already came from a second worker, a second beat or a redelivery: the same tick.
        if rows:
            connection.execute(insert(table).on_conflict_do_nothing(), rows)
    rollups.mark_due(connection, times)
