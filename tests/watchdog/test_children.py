"""The programs that the watchdog starts: the one that speaks and the one that works, as real processes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from beat_schedule import ENTRIES
from tests import bell
from tests.standins.behaviour import answer
from tests.standins.otlp import OtlpStandIn
from tests.standins.slack import SlackStandIn
from tests.standins.slack_view import shown
from tests.waiting import until
from watchdog.children import Understudy, tell
from watchdog.news import Item, News
from watchdog.stand_in import StandIn, due

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEWS = News(
    NOON + timedelta(minutes=1),
    [Item("beat", NOON, "no tick of beat has been worked on for 31 s", "start one with tocsin beat")],
    ["health", "notify"],
)
RUN = text("SELECT DISTINCT task FROM task_runs WHERE outcome = 'done' AND origin = 'watchdog'")
SEEN = text("SELECT component FROM heartbeats")
ENTRY = {entry.task: entry for entry in ENTRIES}


@pytest.fixture
def settled(
    monkeypatch: pytest.MonkeyPatch, slack: SlackStandIn, engine: Engine, redis_url: str, tmp_path: Path
) -> None:
    """The environment that a watchdog hands on."""
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    monkeypatch.setenv("HOST_NAME", "watch-1")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", slack.webhook_url)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtlpStandIn]:
    """Somebody who takes traces."""
    with OtlpStandIn() as server:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield server


@pytest.fixture
def understudy() -> Iterator[Understudy]:
    understudy = Understudy()
    yield understudy
    understudy.stop()


@pytest.mark.usefixtures("settled")
def test_it_speaks_past_postgres_redis_and_workers(
    slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/away")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert tell(NEWS)
    [post] = slack.posts
    assert "CRITICAL tocsin beat: no tick of beat has been worked on for 31 s" in shown(post.message)
    assert "Meanwhile the watchdog does what is due itself (health, notify)." in shown(post.message)
    assert "Sent by the watchdog on watch-1" in shown(post.message)


@pytest.mark.usefixtures("settled")
def test_with_rules_that_somebody_just_broke_it_speaks_to_the_environments_destinations(
    slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "tocsin.toml").write_text("[[rules", "utf-8")
    monkeypatch.setenv("TOCSIN_RULES", str(tmp_path / "tocsin.toml"))
    assert tell(NEWS)
    assert len(slack.posts) == 1


@pytest.mark.usefixtures("settled")
def test_who_reaches_nobody_says_so(slack: SlackStandIn) -> None:
    slack.script.append(answer(404, "no_service"))
    assert not tell(NEWS)


@pytest.mark.usefixtures("settled")
def test_with_everybody_dead_it_does_what_is_due(
    slack: SlackStandIn,
    engine: Engine,
    redis_client: Redis,
    understudy: Understudy,
    collector: OtlpStandIn,
) -> None:
    bell.ring(engine)
    collectors: Any = redis_client.pubsub()  # type: ignore[no-untyped-call] # redis-py has no types for it
    collectors.subscribe("/0.collect/collect", "/0.collect")
    understudy.stand_in({"chores", "collect", "health", "notify"})
    until(lambda: slack.posts, within=40, what="the message about the alert")
    until(lambda: "health.check" in seen(engine), within=40, what="a check of the hosts")
    chores = {task for task in ENTRY if ENTRY[task].chore and due(ENTRY[task], datetime.now(UTC))}
    until(lambda: chores <= run(engine), within=20, what="the chores that are due")
    hear = partial(collectors.get_message, timeout=1)
    until(lambda: "collect.system" in str(hear()), within=20, what="a word to the collectors")
    collectors.close()
    post = until(lambda: collector.named("POST 127.0.0.1"), within=20, what="the message to be traced")[0]
    assert collector.way_to(post)[0] == "notifications.deliver"
    assert not any(component.startswith("queue:") for component in seen(engine))


@pytest.mark.usefixtures("settled")
def test_the_understudy_ends_when_nobody_is_to_be_stood_in_for_and_with_the_watchdog(
    understudy: Understudy,
) -> None:
    understudy.stand_in({"notify"})
    process = understudy._process
    assert process is not None
    understudy.stand_in(())
    assert process.poll() is not None
    understudy.stand_in({"notify"})
    orphan = understudy._process
    assert orphan is not None
    assert orphan.stdin is not None
    # What happens to a pipe when the process at its other end is killed.
    orphan.stdin.close()
    assert orphan.wait(40) == 0


def test_a_tick_is_left_for_three_seconds_to_whoever_comes_back() -> None:
    often, hourly = ENTRY["notifications.deliver"], ENTRY["aggregate.hourly"]
    assert due(often, NOON + timedelta(seconds=2)) is None
    assert due(often, NOON + timedelta(seconds=3)) == NOON
    assert due(hourly, NOON + timedelta(minutes=2, seconds=2)) is None
    assert due(hourly, NOON + timedelta(minutes=2, seconds=3)) == NOON
    assert due(hourly, NOON + timedelta(minutes=59)) == NOON


def test_a_day_that_has_not_come_to_its_hour_is_not_due() -> None:
    midnight = NOON.replace(hour=0)
    assert due(ENTRY["aggregate.daily"], midnight + timedelta(hours=2)) is None
    assert due(ENTRY["aggregate.daily"], midnight + timedelta(hours=4)) == midnight


def test_each_tick_is_done_once_and_a_slow_chore_holds_nobody_up() -> None:
    done: list[str] = []
    stand_in = StandIn(lambda entry: done.append(entry.task), NOON - timedelta(hours=1))
    for second in range(4, 34):
        stand_in.turn({"notify", "chores"}, NOON + timedelta(minutes=5, seconds=second))
    stand_in.finish()
    assert done.count("notifications.deliver") == 4
    assert done.count("aggregate.hourly") == 1


def test_hosts_are_checked_only_after_samples_had_time_to_come() -> None:
    done: list[str] = []
    stand_in = StandIn(lambda entry: done.append(entry.task), NOON)
    stand_in.turn({"health"}, NOON + timedelta(seconds=4))
    stand_in.finish()
    assert done == ["record.samples"]


def seen(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(SEEN).scalars())


def run(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.execute(RUN).scalars())
