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
from beat_schedule import QUEUES
from domain.cadence import PROCESS_INTERVAL, slot
from embedded import EmbeddedPostgres
from models import Base, partitions
from models.session import make_engine
from tests import samples
from tests.conftest import a_database
from tests.standins.behaviour import hang
from tests.standins.slack import SlackStandIn
from tests.waiting import until
from tests.worker.tasks.contestants import (
    WITHIN,
    begin,
    held,
    paused,
    wait_for_waiters,
    wait_for_writers,
)
from worker import stream
from worker.recording import record_waiting
from worker.stream import connect
from worker.tasks.conduct import Starter
from worker.tasks.jobs import CHORES, JOBS, for_people

HOST = "web-1"
BEAT = Starter("beat")
ADA = Starter("ada in Flower", "8e1f1f0c-6a4e-4d0e-9d49-0a4f3f1d2c11")

# Where those are stopped half-way that wait for no table.
REDIS, SLACK = "redis", "slack"

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

# The same for those that people ask for, with what they are told; the second of one request is skipped.
BY_HAND: dict[str, tuple[str, dict[str, object]]] = {
    "health.check": ("infrastructure_health", {}),
    "notifications.deliver": ("notification_deliveries", {}),
    "notifications.test": (SLACK, {"to": "slack"}),
    "record.custom": (REDIS, {"name": "queue_length", "value": 12}),
}

# These leave what the machine shows at the moment: as many rows as there are slots, with whatever in them.
COLLECTIONS = {"collect.system": "system_metrics_history", "collect.processes": "process_metrics_history"}

# What counts runs differs by the number of runs, and a check has its rows for each slot of 15 s, once.
BY_RUN = {"task_runs", "task_minutes", "counters", "counter_increments", "infrastructure_health"}

SKIPPED = re.compile(r"running since \d\d:\d\d:\d\d UTC by (beat|ada in Flower)")


@dataclass(frozen=True)
class Scene:
    """A database and what it takes to run tasks on it."""

    engine: Engine
    redis: Redis
    slack: SlackStandIn
    environ: Mapping[str, str]

    def left(self) -> dict[str, int]:
        """How many rows each table has, how many partitions there are, and what was said and handed in."""
        with self.engine.connect() as connection:
            rows = {
                name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - ours
                for name in set(Base.metadata.tables) - BY_RUN
            }
            days = len(partitions.existing(connection))
        return rows | {"partitions": days, "said": len(self.slack.posts), "waits": stream.waiting(self.redis)}

    def run(self, task: str, by: Starter = BEAT, told: Mapping[str, object] | None = None) -> Any:
        return begin(self.environ, task, by, told).result()

    @contextmanager
    def stopped(self, where: str) -> Iterator[None]:
        """Until the end of the block nobody gets past this table, or into Redis; Slack hangs once."""
        match where:
            case "redis":
                with paused(self.redis):
                    yield
            case "slack":
                self.slack.script.append(hang)
                yield
            case _:
                with held(self.engine, where):
                    yield

    def wait_for_one(self, where: str) -> None:
        """Until somebody has come as far as that."""
        match where:
            case "redis":
                wait_for_writers(self.redis, 1)
            case "slack":
                until(lambda: self.slack.requests, within=WITHIN, what="a request to Slack")
            case _:
                wait_for_waiters(self.engine, 1)

    def skipped(self) -> bool:
        with self.engine.connect() as connection:
            return bool(connection.scalar(text("SELECT 1 FROM task_runs WHERE outcome = 'skipped'")))


@dataclass(frozen=True)
class Servers:
    """Where scenes are laid, and since when their host is silent."""

    postgres: EmbeddedPostgres
    administration: Engine
    template: str
    redis_url: str
    slack: SlackStandIn
    at: datetime

    @contextmanager
    def scene(self) -> Iterator[Scene]:
        """A day past its horizon, a full disk that nobody was told of, and a sample that waits."""
        with (
            a_database(self.postgres, self.administration, self.template) as url,
            connect(self.redis_url) as redis,
        ):
            redis.flushall()
            self.slack.posts.clear()
            self.slack.requests.clear()
            engine = make_engine(url)
            full = _fields(redis)
            _arrive(redis, full, self.at - PROCESS_INTERVAL)
            record_waiting(engine, redis, policy.load(None, settings.load({})), consumer=HOST)
            _grow_old(engine)
            _arrive(redis, full, self.at)
            # Nobody gives up while the test holds them.
            patient = f"{url}&options={quote('-c lock_timeout=0 -c statement_timeout=0')}"
            environ = {
                "DATABASE_URL": patient,
                "REDIS_URL": self.redis_url,
                "HOST_NAME": HOST,
                "SLACK_WEBHOOK_URL": self.slack.webhook_url,
            }
            try:
                yield Scene(engine, redis, self.slack, environ)
            finally:
                engine.dispose()


@pytest.fixture
def servers(
    postgres_server: EmbeddedPostgres, administration: Engine, template: str, redis_url: str
) -> Iterator[Servers]:
    # Long enough ago that the host is silent however long this takes.
    at = slot(datetime.now(UTC) - timedelta(minutes=10), PROCESS_INTERVAL)
    with SlackStandIn() as slack:
        yield Servers(postgres_server, administration, template, redis_url, slack, at)


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


def _a_minute_passes(redis: Redis) -> None:
    """What a dead recorder held of the stream is given to the next one a minute later."""
    for entry in redis.xpending_range(stream.STREAM, stream.GROUP, "-", "+", 10):
        held_by: Any = entry["consumer"]
        number: Any = entry["message_id"]
        redis.xclaim(stream.STREAM, stream.GROUP, held_by, 0, [number], idle=61_000)


def test_every_task_is_tried() -> None:
    assert set(HALF_WAY) | set(BY_HAND) | set(COLLECTIONS) == set(QUEUES) == set(JOBS)
    assert set(HALF_WAY) | set(BY_HAND) >= set(for_people())


@pytest.mark.parametrize("task", HALF_WAY)
def test_twice_at_once_and_killed_leaves_what_once_leaves(task: str, servers: Servers) -> None:
    with servers.scene() as once:
        once.run(task)
        expected = once.left()
    with servers.scene() as scene:
        with held(scene.engine, HALF_WAY[task]):
            first = begin(scene.environ, task, BEAT)
            wait_for_waiters(scene.engine, 1)
            second = begin(scene.environ, task, BEAT)
            if task in CHORES:
                assert SKIPPED.fullmatch(second.result()["skipped"])
            else:
                wait_for_waiters(scene.engine, 2, or_end_of=second)
            first.kill()
        if task not in CHORES:
            second.result()
        _a_minute_passes(scene.redis)
        third = scene.run(task)
        assert not isinstance(third, Exception)
        assert "skipped" not in (third or {})
        assert scene.left() == expected
        scene.run(task)
        assert scene.left() == expected


@pytest.mark.parametrize("task", BY_HAND)
def test_what_a_person_asks_for_is_done_once_however_often_it_is_delivered(
    task: str, servers: Servers
) -> None:
    where, told = BY_HAND[task]
    with servers.scene() as once:
        once.run(task, ADA, told)
        expected = once.left()
    with servers.scene() as scene:
        with scene.stopped(where):
            first = begin(scene.environ, task, ADA, told)
            scene.wait_for_one(where)
            second = begin(scene.environ, task, ADA, told)
            until(scene.skipped, within=WITHIN, what="the second to be skipped")
            first.kill()
        assert SKIPPED.fullmatch(second.result()["skipped"])
        third = scene.run(task, ADA, told)
        assert "skipped" not in third
        assert scene.left() == expected
        again = scene.run(task, ADA, told)
        assert again["skipped"].endswith("has run for this very request, which was delivered twice")
        assert scene.left() == expected


@pytest.mark.parametrize("task", COLLECTIONS)
def test_a_collection_at_once_and_killed_leaves_a_slot_once(task: str, servers: Servers) -> None:
    with servers.scene() as scene:
        scene.redis.delete(stream.STREAM)
        with scene.stopped(REDIS):
            contestants = [begin(scene.environ, task, BEAT) for _ in range(3)]
            wait_for_writers(scene.redis, 3)
            contestants[0].kill()
        assert [one.result() for one in contestants[1:]] == [None, None]
        record_waiting(scene.engine, scene.redis, policy.load(None, settings.load({})), consumer=HOST)
        assert stream.waiting(scene.redis) == 0
        with scene.engine.connect() as connection:
            stored = text(f"SELECT count(DISTINCT ts) FROM {COLLECTIONS[task]} WHERE ts > :at")  # noqa: S608 - ours
            # Two, when a slot ended between them.
            assert connection.scalar(stored, {"at": servers.at + PROCESS_INTERVAL}) in {1, 2}
