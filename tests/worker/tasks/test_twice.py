"""Every task twice, at once and in turn, and killed half-way: what is left is what one run leaves."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from redis import Redis
from sqlalchemy import Engine, text

import policy
import settings
from domain.cadence import PROCESS_INTERVAL, slot
from embedded import EmbeddedPostgres
from models import Base, partitions
from models.session import make_engine
from tests import samples
from tests.conftest import a_database
from tests.worker.tasks.contestants import begin, held, wait_for_waiters
from worker import stream
from worker.recording import record_waiting
from worker.stream import connect
from worker.tasks.jobs import CHORES, JOBS

HOST = "web-1"

# The table at which each is stopped half-way.
HALF_WAY = {
    "aggregate.hourly": "metric_aggregations",
    "aggregate.daily": "metric_aggregations",
    "cleanup.retention": "metric_aggregations",
    "health.check": "infrastructure_health",
    "record.samples": "hosts",
    "notifications.deliver": "notification_deliveries",
    "canary.chores": "heartbeats",
}

# These two are of the machine and its moment, and have tests of their own; a message is meant to be sent.
ELSEWHERE = {"collect.system", "collect.processes", "notifications.test", "record.custom"}

# What counts runs differs by the number of runs, and a check has its rows for each slot of 15 s, once.
BY_RUN = {"task_runs", "task_minutes", "counters", "counter_increments", "infrastructure_health"}

SKIPPED = re.compile(r"running since \d\d:\d\d:\d\d UTC by beat")


@dataclass(frozen=True)
class Scene:
    """A database and what it takes to run tasks on it."""

    engine: Engine
    environ: Mapping[str, str]

    def left(self) -> dict[str, int]:
        """How many rows each table has, and how many partitions there are."""
        with self.engine.connect() as connection:
            rows = {
                name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - ours
                for name in set(Base.metadata.tables) - BY_RUN
            }
            return rows | {"partitions": len(partitions.existing(connection))}

    def run(self, task: str) -> Any:
        return begin(self.environ, task, "beat").result()


@contextmanager
def a_scene(
    server: EmbeddedPostgres, administration: Engine, template: str, redis_url: str, at: datetime
) -> Iterator[Scene]:
    """A day past its horizon, a full disk that nobody was told of, and a sample that waits."""
    with a_database(server, administration, template) as url, connect(redis_url) as redis:
        redis.flushall()
        engine = make_engine(url)
        full = _fields(redis)
        _arrive(redis, full, at - PROCESS_INTERVAL)
        record_waiting(engine, redis, policy.load(None, settings.load({})), consumer=HOST)
        _grow_old(engine)
        _arrive(redis, full, at)
        # Nobody gives up while the test holds them.
        patient = f"{url}&options={quote('-c lock_timeout=0 -c statement_timeout=0')}"
        try:
            yield Scene(engine, {"DATABASE_URL": patient, "REDIS_URL": redis_url, "HOST_NAME": HOST})
        finally:
            engine.dispose()


def _grow_old(engine: Engine) -> None:
    day = (datetime.now(UTC) - timedelta(days=120)).date()
    with engine.begin() as connection:
        partitions.ensure(connection, day, day)


def _fields(redis: Redis) -> Any:
    """A full disk, as an entry of the stream."""
    stream.publish(redis, samples.system(HOST, disks={"/": 97.0}))
    [(_, fields)] = redis.xrange(stream.STREAM) or []
    redis.delete(stream.STREAM)
    return fields


def _arrive(redis: Redis, fields: Any, at: datetime) -> None:
    """What arrived when decides about its slot, and an entry's number says when it arrived."""
    redis.xadd(stream.STREAM, fields, id=f"{round(at.timestamp() * 1000)}-0")


def _a_minute_passes(redis_url: str) -> None:
    """What a dead recorder held of the stream is given to the next one a minute later."""
    with connect(redis_url) as redis:
        pending = redis.xpending_range(stream.STREAM, stream.GROUP, "-", "+", 10)
        for entry in pending:
            held_by, number = entry["consumer"], entry["message_id"]
            redis.xclaim(stream.STREAM, stream.GROUP, held_by, 0, [number], idle=61_000)


def test_every_task_is_tried() -> None:
    assert set(HALF_WAY) | ELSEWHERE == set(JOBS)


@pytest.mark.parametrize("task", HALF_WAY)
def test_twice_at_once_and_killed_leaves_what_once_leaves(
    task: str, postgres_server: EmbeddedPostgres, administration: Engine, template: str, redis_url: str
) -> None:
    # Long enough ago that the host is silent however long this takes.
    at = slot(datetime.now(UTC) - timedelta(minutes=10), PROCESS_INTERVAL)
    world = (postgres_server, administration, template, redis_url, at)
    with a_scene(*world) as once:
        once.run(task)
        expected = once.left()
    with a_scene(*world) as scene:
        with held(scene.engine, HALF_WAY[task]):
            first = begin(scene.environ, task, "beat")
            wait_for_waiters(scene.engine, 1)
            second = begin(scene.environ, task, "beat")
            if task in CHORES:
                assert SKIPPED.fullmatch(second.result()["skipped"])
            else:
                wait_for_waiters(scene.engine, 2, or_end_of=second)
            first.kill()
        if task not in CHORES:
            second.result()
        _a_minute_passes(redis_url)
        third = scene.run(task)
        assert not isinstance(third, Exception)
        assert "skipped" not in (third or {})
        assert scene.left() == expected
        scene.run(task)
        assert scene.left() == expected
