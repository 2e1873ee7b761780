"""What a worker takes: of a tick Redis keeps no copy, of what somebody asked for it does."""

from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Consumer
from redis import Redis

from worker.celery import Tocsin, _configuration

TICK = {"headers": {"origin": "beat"}, "expires": 15.0}


@pytest.fixture
def app(redis_url: str, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tocsin]:
    """Celery's app on an empty Redis."""
    redis.flushall()
    monkeypatch.setenv("REDIS_URL", redis_url)
    app = Tocsin("transport", set_as_current=False)
    app.conf.update(_configuration())
    yield app
    app.close()


def test_redis_keeps_a_copy_of_what_somebody_asked_for_and_of_no_tick(app: Tocsin, redis: Redis) -> None:
    app.send_task("health.check", **TICK)
    app.send_task("health.check")
    app.send_task("record.custom", expires=15.0)
    with app.connection_for_read() as connection:
        taken: list[Any] = []
        with Consumer(connection, [app.amqp.queues["health"]], on_message=taken.append, accept=["json"]):
            while len(taken) < 3:
                connection.drain_events(timeout=10)
        assert redis.hlen("unacked") == 2
        for message in taken:
            message.ack()
        assert redis.hlen("unacked") == 0
        assert redis.llen("health") == 0


def test_a_tick_that_is_given_back_is_gone(app: Tocsin, redis: Redis) -> None:
    app.send_task("health.check", **TICK)
    app.send_task("health.check")
    with app.connection_for_read() as connection:
        taken: list[Any] = []
        with Consumer(connection, [app.amqp.queues["health"]], on_message=taken.append, accept=["json"]):
            while len(taken) < 2:
                connection.drain_events(timeout=10)
        for message in taken:
            message.requeue()
    assert redis.llen("health") == 1
    assert redis.hlen("unacked") == 0
