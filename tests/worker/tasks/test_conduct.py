"""What every run of a frequent task leaves: signs of life of what it came through, and its own."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, text

from worker.resources import Resources, resources
from worker.tasks.arguments import Arguments
from worker.tasks.conduct import Starter, conduct
from worker.tasks.jobs import Job, Order


@pytest.fixture(autouse=True)
def _environ(engine: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that works with these servers."""
    url = engine.url.render_as_string(hide_password=False)
    for name, value in {"DATABASE_URL": url, "REDIS_URL": redis_url, "HOST_NAME": "web-1"}.items():
        monkeypatch.setenv(name, value)
    resources.cache_clear()
    yield
    resources().database.dispose()
    resources.cache_clear()


def signs(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT component FROM heartbeats")).scalars())


def nothing(_: Resources, __: Order[Any]) -> None:
    pass


def fails(_: Resources, __: Order[Any]) -> None:
    raise ValueError("the disk is on fire")


CHECK = Job("health.check", Arguments, nothing)


def test_what_beat_sent_shows_that_beat_and_the_queue_are_at_work(engine: Engine) -> None:
    conduct(CHECK, Starter("beat"), {})
    assert signs(engine) == {"beat", "queue:health", "task:health.check"}


def test_what_did_not_come_through_the_queue_shows_nothing_of_it(engine: Engine) -> None:
    conduct(CHECK, Starter("watchdog"), {})
    assert signs(engine) == {"task:health.check"}


def test_a_task_that_fails_shows_all_the_same_what_it_came_through(engine: Engine) -> None:
    with pytest.raises(ValueError, match="on fire"):
        conduct(Job("health.check", Arguments, fails), Starter("beat"), {})
    assert signs(engine) == {"beat", "queue:health"}


def test_a_delivery_that_takes_its_time_has_shown_it_before(engine: Engine) -> None:
    seen: list[set[str]] = []
    job = Job("notifications.deliver", Arguments, lambda *_: seen.append(signs(engine)), lasting=True)
    conduct(job, Starter("beat"), {})
    assert seen == [{"beat", "queue:notify"}]
