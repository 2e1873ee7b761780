"""A Tocsin in which every part is at work, and a watchdog that looks at it and speaks to a Slack."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, make_url, text

import policy
import settings
from domain.queues import SHARED
from models import clock
from tests.standins.http import HttpStandIn
from tests.standins.slack import SlackStandIn
from tests.standins.slack_view import shown
from tests.worker.raw import add_hosts
from watchdog import voice
from watchdog.children import Understudy
from watchdog.database import Database
from watchdog.news import News
from watchdog.ping import Pinger
from watchdog.rhythm import Rhythm
from watchdog.watch import Watchdog
from worker import heartbeats

PARTS = (
    *("beat", "recorder", "health.check", "task:notifications.deliver"),
    *(f"queue:{queue}" for queue in SHARED),
)
HOST = "web-1"
Book = psycopg.Connection[Any]


@dataclass
class Kennel:
    """The watchdog and what it watches."""

    engine: Engine
    watchdog: Watchdog
    slack: SlackStandIn

    def at_work(self, *parts: str) -> None:
        """These parts, by default all, give a sign of life."""
        with self.engine.begin() as connection:
            for part in parts or PARTS:
                heartbeats.beat(connection, part, clock.now(connection), {})
        if not parts:
            self.hosts_speak()

    def hosts_speak(self) -> None:
        """Every host has just sent a sample."""
        with self.engine.begin() as connection:
            connection.execute(text("UPDATE hosts SET last_seen_at = clock_timestamp() WHERE kind = 'host'"))

    def pass_time(self, seconds: float, *, watched: bool = True) -> None:
        """Whatever is written down was so long ago; the watchdog looked on all the time if `watched`."""
        ago = {"ago": timedelta(seconds=seconds)}
        self.watchdog.watching_since -= ago["ago"]
        if self.watchdog.sees_since is not None:
            self.watchdog.sees_since -= ago["ago"]
        with self.engine.begin() as connection:
            connection.execute(text("UPDATE heartbeats SET at = at - :ago, since = since - :ago"), ago)
            connection.execute(text("UPDATE hosts SET last_seen_at = last_seen_at - :ago"), ago)
            connection.execute(
                text(
                    "UPDATE outages SET began_at = began_at - :ago, ended_at = ended_at - :ago,"
                    " told_at = told_at - :ago, end_told_at = end_told_at - :ago"
                ),
                ago,
            )
            if watched:
                connection.execute(
                    text("UPDATE heartbeats SET at = clock_timestamp() WHERE component = 'watchdog'")
                )

    def paused(self, seconds: float) -> None:
        """Everything stood still for so long, the watchdog as well."""
        self.pass_time(seconds, watched=False)
        with self.engine.connect() as connection:
            self.watchdog.rhythm = Rhythm(clock.now(connection) - timedelta(seconds=seconds), 5.0)

    def look(self) -> list[str]:
        """A turn of the watchdog; answers what is wrong."""
        return list(self.watchdog.turn())

    def watched(self, seconds: float) -> list[str]:
        """The watchdog has looked on for so long in which nobody gave a sign of life, and looks."""
        self.pass_time(seconds)
        return self.look()

    @property
    def messages(self) -> list[str]:
        return [shown(post.message) for post in self.slack.posts]


@pytest.fixture
def book(database_url: str) -> Iterator[Book]:
    """The database as the watchdog has it: without SQLAlchemy, each statement by itself."""
    url = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def slack_server() -> Iterator[SlackStandIn]:
    with SlackStandIn() as server:
        yield server


@pytest.fixture
def slack(slack_server: SlackStandIn) -> SlackStandIn:
    slack_server.posts.clear()
    slack_server.script.clear()
    return slack_server


@pytest.fixture
def outside() -> Iterator[HttpStandIn]:
    """Somebody outside who expects a sign of life."""
    with HttpStandIn() as server:
        yield server


@pytest.fixture
def kennel(engine: Engine, slack: SlackStandIn, redis_url: str, tmp_path: Path) -> Iterator[Kennel]:
    rules = policy.load(None, settings.load({"SLACK_WEBHOOK_URL": slack.webhook_url}))

    def tell(news: News) -> bool:
        return None in asyncio.run(voice.tell(news, rules, "watch-1")).values()

    url = engine.url.render_as_string(hide_password=False)
    watchdog = Watchdog(Database(url), redis_url, tmp_path, tell, Understudy(["cat"]), Pinger(None))
    with engine.begin() as connection:
        add_hosts(connection, HOST)
    yield Kennel(engine, watchdog, slack)
    watchdog.stop()


@pytest.fixture
def kennel_beside(kennel: Kennel, tmp_path: Path) -> Iterator[Kennel]:
    """A second watchdog for the same Tocsin."""
    first = kennel.watchdog
    database = Database(first.database._url)
    second = Watchdog(
        database, first.redis_url, tmp_path / "beside", first.tell, Understudy(["cat"]), Pinger(None)
    )
    yield Kennel(kennel.engine, second, kennel.slack)
    second.stop()
