"""Alerts for tests of commands, made as they are made in service, and the parts that react to them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO

from redis import Redis
from sqlalchemy import Engine

import policy
import settings
from domain.sample import DrillSample
from models import clock
from notifications.channels.opening import open_channel
from notifications.delivery import Post, deliver
from notifications.planning import plan_all
from notifications.rendering import Renderer
from policy import Policy
from tests.cli.conftest import HOST
from worker import heartbeats, stream
from worker.recording import record_waiting

PAUSE_S = 0.05


def rules(**environ: str) -> Policy:
    return policy.load(None, settings.load(environ))


def ring(engine: Engine, redis: Redis, value: float, *, name: str = "try", host: str = HOST) -> None:
    """A sample that is over or under the thresholds of a drill, stored and evaluated."""
    stream.publish(redis, DrillSample(host, datetime.now(UTC), name, value))
    record_waiting(engine, redis, rules(), consumer=host)


def post(engine: Engine, rules: Policy) -> None:
    """Plan and deliver what is due."""
    plan_all(engine, rules)
    channels = {name: open_channel(to, StringIO()) for name, to in rules.destinations.items()}
    deliver(Post(engine, Renderer(), channels, rules), within=timedelta(seconds=5))


@contextmanager
def at_work(engine: Engine, redis: Redis, rules: Policy, *, delivering: bool = True) -> Iterator[None]:
    """A recorder and, if asked, a deliverer, at work as long as the block lasts."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(PAUSE_S):
            record_waiting(engine, redis, rules, consumer=HOST)
            if delivering:
                post(engine, rules)
                with engine.begin() as connection:
                    heartbeats.beat(connection, "task:notifications.deliver", clock.now(connection), {})

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
