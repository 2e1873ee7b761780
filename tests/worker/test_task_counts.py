"""Counting runs: written together once a minute, and at once when something did not go well."""

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Away

from worker.task_counts import TaskCounter, read


def test_what_goes_well_is_written_with_what_came_before_it_and_once_a_minute(redis: Redis) -> None:
    counter = TaskCounter(redis)
    for _ in range(3):
        counter.count("health.check", "done", 0.07)
    assert read(redis)["health.check"].outcomes == {"done": 1}
    counter._due_at = 0.0
    counter.count("notifications.deliver", "done", 2.0)
    assert read(redis)["health.check"].outcomes == {"done": 3}
    assert read(redis)["health.check"].seconds == pytest.approx(0.21)
    assert read(redis)["notifications.deliver"].outcomes == {"done": 1}


def test_what_fails_is_written_at_once(redis: Redis) -> None:
    counter = TaskCounter(redis)
    for outcome in ("done", "done", "failed"):
        counter.count("health.check", outcome, 0.07)
    assert read(redis)["health.check"].outcomes == {"done": 2, "failed": 1}


def test_what_could_not_be_written_is_written_the_next_time(redis: Redis) -> None:
    counter = TaskCounter(Redis(port=1, socket_connect_timeout=1))
    with pytest.raises(Away):
        counter.count("health.check", "done", 0.07)
    counter.redis = redis
    counter.count("health.check", "done", 0.07)
    assert read(redis)["health.check"].outcomes == {"done": 2}
