"""What every run leaves: of a frequent task signs of life, of a chore its tick, of all of them a count."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from models import TaskRun
from worker import task_counts
from worker.resources import Resources, connect, resources
from worker.rollups import Period
from worker.task_counts import TaskCounts
from worker.tasks.arguments import Arguments, Refused
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


def counted(redis_url: str) -> dict[str, TaskCounts]:
    """What was counted by the time at which a process ends."""
    resources().task_counter.write()
    with connect(redis_url) as redis:
        return task_counts.read(redis)


def nothing(_: Resources, __: Order[Any]) -> None:
    pass


def refuses(_: Resources, __: Order[Any]) -> None:
    raise Refused("there is no such destination")


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


@pytest.mark.parametrize("origin", ["beat", "watchdog", "ada on the command line"])
@pytest.mark.parametrize("task", ["aggregate.hourly", "health.check"])
def test_whoever_runs_it_each_run_counts_once_as_what_became_of_it(
    redis_url: str, task: str, origin: str
) -> None:
    for work in (refuses, fails, nothing):
        with suppress(Refused, ValueError):
            conduct(Job(task, Arguments, work), Starter(origin), {})
    outcomes = {name: one.outcomes for name, one in counted(redis_url).items()}
    assert outcomes == {task: {"refused": 1, "failed": 1, "done": 1}}
    assert sum(counted(redis_url)[task].buckets) == 3


def test_what_was_told_nonsense_counts_as_refused_and_a_tick_done_twice_as_skipped(redis_url: str) -> None:
    job = Job("aggregate.hourly", Arguments, nothing)
    with pytest.raises(Refused, match="there is no such argument"):
        conduct(job, Starter("ada in Flower"), {"days": 0})
    for _ in range(2):
        conduct(job, Starter("beat", ends=datetime.now(UTC) + timedelta(minutes=30)), {})
    assert counted(redis_url)["aggregate.hourly"].outcomes == {"refused": 1, "done": 1, "skipped": 1}


def test_a_tick_that_the_watchdog_has_run_is_no_beats_any_more() -> None:
    job = Job("aggregate.hourly", Arguments, nothing)
    conduct(job, Starter("watchdog"), {})
    late = conduct(job, Starter("beat", ends=datetime.now(UTC) + timedelta(hours=1)), {})
    assert re.fullmatch(r"aggregate\.hourly has run for the tick of .+ UTC", late["skipped"])


def test_what_waited_over_the_turn_of_the_hour_is_the_tick_of_its_message(
    engine: Engine,
) -> None:
    hour = Period.HOUR.floor(datetime.now(UTC))
    sent = hour - timedelta(seconds=0.1)
    conduct(Job("aggregate.hourly", Arguments, nothing), Starter("beat", ends=sent + timedelta(hours=1)), {})
    with engine.connect() as connection:
        assert connection.execute(select(TaskRun.tick)).scalar() == hour - timedelta(hours=1)
