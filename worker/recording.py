"""Stores what the stream brought, and evaluates it, in one transaction for each batch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from redis import Redis
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, IntegrityError

import tracing
from domain.sample import DrillSample
from models import clock, counters
from policy import Policy
from worker import heartbeats, rollups, storing, stream
from worker.arrival import Arrived, timed
from worker.custom import custom_rows
from worker.evaluation import Evaluator, Scene
from worker.hosts import know
from worker.observations import observations
from worker.rows import disk_rows, process_rows, system_rows
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
    # A connection is tried before it is handed out.
    with engine.connect() as connection:
        entries = stream.drain(redis, consumer, partial(_store, connection, redis, policy, changed))
    return Recorded(entries, len(changed))


def _store(
    connection: Connection, redis: Redis, policy: Policy, changed: list[int], entries: Sequence[stream.Entry]
) -> None:
    try:
        changed += _recorded(connection, redis, policy, entries)
    except (DataError, IntegrityError) as error:
        if len(entries) == 1:
            stream.reject(redis, entries[0].id, {}, f"Postgres refuses it: {error.orig!s:.300}")
            return
        # One of them is bad: each on its own, so that it takes no other with it.
        for entry in entries:
            _store(connection, redis, policy, changed, [entry])


def _recorded(
    connection: Connection, redis: Redis, policy: Policy, entries: Sequence[stream.Entry]
) -> list[int]:
    """The quick way, and where that does not do, all of it again the careful way."""
    try:
        return _record(connection, redis, policy, entries, storing.copy_new)
    except storing.CareNeededError:
        return _record(connection, redis, policy, entries, storing.insert_missing)


def _record(
    connection: Connection,
    redis: Redis,
    policy: Policy,
    entries: Sequence[stream.Entry],
    store: storing.Store,
) -> list[int]:
    links, about = [entry.trace for entry in entries], {"tocsin.samples": len(entries)}
    with tracing.span("record", links=links, about=about), connection.begin():
        now = clock.now(connection)
        arrived = timed(now, redis, entries)
        hosts = know(connection, arrived)
        _write(connection, arrived, hosts, store, now=now)
        changed = _evaluate(connection, policy, arrived, hosts)
        kinds = Counter(stream.KIND_OF[type(one.sample)] for one in arrived)
        counters.count(connection, "samples_recorded", kinds, label="kind")
        heartbeats.note(connection, {"recorder": {"entries": len(arrived)}})
    return changed


def _evaluate(
    connection: Connection, policy: Policy, arrived: Sequence[Arrived], hosts: Mapping[str, int]
) -> list[int]:
    evaluator, batch = Evaluator(connection, hosts.values()), tracing.current()
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
        # A sample is followed from its host on; the batch that it came in is the recorder's.
        with tracing.span(
            "evaluate", parent=one.trace, links=[batch], about={"tocsin.host": one.sample.host}
        ):
            evaluator.evaluate(scene, seen)
    evaluator.finish()
    return evaluator.alerts


def _write(
    connection: Connection,
    arrived: Sequence[Arrived],
    hosts: Mapping[str, int],
    store: storing.Store,
    *,
    now: datetime,
) -> None:
    series = [rows(arrived, hosts) for rows in (system_rows, disk_rows, process_rows)]
    series.append(custom_rows(connection, arrived, hosts))
    store(connection, series)
    rollups.mark_due(connection, {values[0] for rows in series for values in rows.values}, now=now)
