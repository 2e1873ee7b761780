"""Looking around beside the view: what was last known stays, and why there is nothing newer is said."""

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine

from cli.view.watching import Watcher
from models.session import make_engine
from tests.waiting import until
from worker.stream import connect


@pytest.fixture
def watcher(engine: Engine, redis: Redis) -> Iterator[Watcher]:
    watcher = Watcher(engine, redis)
    yield watcher
    watcher.close()


def test_the_first_look_comes_without_waiting_for_it(watcher: Watcher) -> None:
    assert watcher.look() is None
    found = until(watcher.look, within=10, what="the first situation")
    assert found.readings == ()
    assert watcher.trouble is None


def test_a_database_that_is_away_is_said_and_what_was_known_stays(watcher: Watcher) -> None:
    before = until(watcher.look, within=10, what="the first situation")
    away = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/away")
    watcher._engine, back = away, watcher._engine
    until(lambda: watcher.look() and watcher.trouble, within=10, what="the trouble")
    assert watcher.trouble is not None
    assert watcher.trouble.startswith("PostgreSQL does not answer: ")
    assert "\n" not in watcher.trouble
    assert watcher.latest is not None
    watcher._engine = back
    until(lambda: watcher.look() and watcher.trouble is None, within=10, what="the end of it")
    assert watcher.latest.at > before.at
    away.dispose()


def test_a_redis_that_is_away_is_said_too(engine: Engine) -> None:
    with connect("redis://127.0.0.1:1/0") as nobody:
        watcher = Watcher(engine, nobody)
        trouble = until(lambda: watcher.look() or watcher.trouble, within=10, what="the trouble")
        assert str(trouble).startswith("Redis does not answer: ")
        watcher.close()
