"""What the tests of the worker share: a Redis that answers in text, a clock that can be moved."""

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine

from tests.moving_clock import MovingClock
from worker.resources import connect


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with connect(redis_url) as client:
        yield client


@pytest.fixture
def clock(engine: Engine) -> MovingClock:
    clock = MovingClock()
    clock.drives(engine)
    return clock
