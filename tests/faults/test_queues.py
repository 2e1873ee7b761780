"""Redis and its queues go wrong for real, under a real worker that a supervisor keeps running."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from redis import Redis
from sqlalchemy import Engine, text

from cli.startup import programs
from embedded import EmbeddedPostgres, EmbeddedRedis, Supervisor
from models.session import make_engine
from settings import load
from tests import bell
from tests.conftest import a_database, a_redis
from tests.standins.wire import Wire
from tests.waiting import until
from watchdog.judgement import judge
from watchdog.readings import read
from watchdog.verdict import State
from worker.celery import Tocsin, _configuration

ROOT = Path(__file__).parents[2]
ARRIVED = text("SELECT at FROM heartbeats WHERE component = :queue")
# What beat puts into each.
THROUGH = {"health": "health.check", "notify": "notifications.deliver"}
UNTOLD = text("""
    SELECT count(*) FROM infrastructure_alerts AS a
     WHERE NOT EXISTS (SELECT FROM notification_deliveries AS d
                        WHERE d.alert_id = a.id AND d.state = 'delivered')
""")


@dataclass
class House:
    """A worker on a Redis of its own, with what a test does to them."""

    engine: Engine
    redis: EmbeddedRedis
    wire: Wire
    supervisor: Supervisor
    app: Tocsin

    @property
    def client(self) -> Redis:
        return Redis.from_url(self.redis.url)

    def arrived(self, queue: str) -> object:
        """When something came last through a queue; the supervisor looks after the worker meanwhile."""
        self.supervisor.poll()
        with self.engine.connect() as connection:
            return connection.execute(ARRIVED, {"queue": f"queue:{queue}"}).scalar()

    def send(self, task: str) -> None:
        """As beat does."""
        self.app.send_task(task, headers={"origin": "beat"})

    def works_again(self, queue: str = "health", *, within: float = 60) -> None:
        """Something that is put into the queue from now on is done."""
        before = self.arrived(queue)
        self.send(THROUGH[queue])
        until(lambda: self.arrived(queue) != before, within=within, what=f"a task through {queue}")

    @property
    def restarts(self) -> int:
        return sum(status.restarts for status in self.supervisor.status())


@pytest.fixture(scope="module")
def redis() -> Iterator[EmbeddedRedis]:
    """A Redis of this file's own, which may be stopped and emptied."""
    with a_redis() as server:
        yield server


@contextmanager
def _app(redis: EmbeddedRedis) -> Iterator[Tocsin]:
    """Celery's app for that Redis, as any process of Tocsin has it."""
    app = Tocsin("faults", set_as_current=False)
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("REDIS_URL", redis.url)
        app.conf.update(_configuration())
    yield app
    app.close()


@pytest.fixture(scope="module")
def house(
    redis: EmbeddedRedis, postgres_server: EmbeddedPostgres, administration: Engine, template: str
) -> Iterator[House]:
    with a_database(postgres_server, administration, template) as url, Wire(redis.socket) as wire:
        home = {"TOCSIN_HOME": str(redis.home), "HOST_NAME": "web-1"}
        given = {"DATABASE_URL": url, "REDIS_URL": f"redis://127.0.0.1:{wire.port}/0", **home}
        env = programs.environment({"PATH": os.defpath, "PYTHONPATH": str(ROOT), **home}, load(given))
        worker = programs.program("worker", programs.worker(load(given)), env)
        engine = make_engine(url)
        with Supervisor([worker], redis.home) as supervisor, _app(redis) as app:
            house = House(engine, redis, wire, supervisor, app)
            house.works_again()
            yield house
        engine.dispose()


@pytest.mark.parametrize("poison", ["not JSON", '{"body": 1}'])
def test_after_a_poisoned_item_the_queue_is_worked_on_again(house: House, poison: str) -> None:
    house.client.lpush("notify", poison)
    house.works_again("notify")
    assert house.client.llen("notify") == 0


def test_a_redis_that_comes_back_empty_costs_no_message_that_somebody_waits_for(house: House) -> None:
    bell.ring(house.engine)
    house.redis.stop()
    shutil.rmtree(house.redis.home / "redis")
    house.redis.start()
    assert house.client.dbsize() == 0
    house.works_again()
    house.send("notifications.deliver")
    until(lambda: _untold(house) == 0, within=30, what="the alert to be told")


def test_a_message_that_a_dead_connection_swallows_costs_nobody_an_alert(house: House) -> None:
    house.works_again()
    bell.ring(house.engine)
    assert _untold(house) == 1
    house.wire.swallow()
    house.send("notifications.deliver")
    until(lambda: house.client.llen("notify") == 0, within=20, what="Redis to hand the message out")
    until(lambda: house.wire.swallowed, within=20, what="the wire to swallow it")
    house.wire.cut()
    house.works_again()
    # What works_again() sent is acknowledged after it was done; the swallowed one would stay for hours.
    until(lambda: house.client.hlen("unacked") == 0, within=20, what="Celery to know nothing of it any more")
    assert _untold(house) == 1
    house.send("notifications.deliver")
    until(lambda: _untold(house) == 0, within=30, what="the alert to be told")


def test_a_worker_that_answers_pings_and_consumes_nothing_is_found_by_its_queue(house: House) -> None:
    house.works_again("notify")
    assert "ok" in str(house.app.control.cancel_consumer("notify", reply=True))
    before = house.arrived("notify")
    house.send(THROUGH["notify"])
    house.send(THROUGH["health"])
    until(lambda: house.client.llen("health") == 0, within=20, what="the other queue to be worked on")
    assert "pong" in str(house.app.control.ping(timeout=5, limit=1))
    assert house.arrived("notify") == before
    assert _judged(house, "queue notify") is State.STOPPED
    house.app.control.add_consumer("notify", reply=True)
    until(lambda: house.arrived("notify") != before, within=20, what="what waited to be done")
    assert _judged(house, "queue notify", later=timedelta(0)) is State.ALIVE


def _untold(house: House) -> int:
    """How many alerts nobody has been told of."""
    house.supervisor.poll()
    with house.engine.connect() as connection:
        return int(connection.execute(UNTOLD).scalar_one())


def _judged(house: House, part: str, *, later: timedelta = timedelta(seconds=31)) -> State:
    """What the watchdog thinks of a part if `later` passes in which beat is heard and nothing arrives."""
    url = house.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE heartbeats SET at = at - %s", [later])
        connection.execute(
            "INSERT INTO heartbeats VALUES"
            " ('beat', 'all', clock_timestamp(), clock_timestamp() - interval '1 hour', '{}')"
            " ON CONFLICT (component, instance) DO UPDATE SET at = excluded.at, since = excluded.since"
        )
        verdicts = {one.part: one.state for one in judge(read(connection))}
        connection.rollback()
    return verdicts[part]
