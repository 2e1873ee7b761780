"""Postgres is restarted while messages are on their way, and the outbox goes on as if nothing had been."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import Engine
from structlog.testing import capture_logs

from embedded import EmbeddedPostgres
from models.migrate import upgrade
from models.session import make_engine
from notifications.channels.slack_bot import SlackBot
from notifications.delivery import Delivered, Post, deliver
from notifications.planning import plan_all
from notifications.rendering import Renderer
from tests import bell
from tests.faults.scene import SLACK, policy_of
from tests.standins.slack import TOKEN, SlackStandIn
from tests.waiting import until

POLICY = policy_of(replace(SLACK, per_minute=600))


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, as others must not be restarted by it."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-restarted-"))
    home.chmod(0o711)  # when root runs the tests, the server is somebody else
    server = EmbeddedPostgres(home)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


@pytest.fixture
def own_engine(postgres: EmbeddedPostgres) -> Iterator[Engine]:
    upgrade(postgres.url)
    engine = make_engine(postgres.url)
    yield engine
    engine.dispose()


def test_a_message_that_arrives_while_postgres_is_down_is_recorded_when_it_is_back(
    postgres: EmbeddedPostgres, own_engine: Engine, slack: SlackStandIn
) -> None:
    arrived, down = threading.Event(), threading.Event()

    async def slow(request: web.Request) -> web.StreamResponse:
        """Slack has the message, and takes it when Postgres is gone."""
        arrived.set()
        await asyncio.to_thread(down.wait, 30)
        slack.requests.pop()
        return await slack._handle(request)

    slack.script.append(slow)
    bell.ring(own_engine, 3)
    plan_all(own_engine, POLICY)
    post = Post(own_engine, Renderer(), {"slack": SlackBot(SecretStr(TOKEN), "#ops", slack.api_url)}, POLICY)
    done: list[Delivered] = []
    sending = threading.Thread(target=lambda: done.append(deliver(post, within=timedelta(seconds=20))))
    sending.start()
    assert arrived.wait(20)
    postgres.stop()
    down.set()
    until(lambda: slack.posts, within=20, what="the message on Slack")
    with capture_logs() as logs:
        until(lambda: _events(logs, "delivery.not_recorded"), within=20, what="a try to record it")
    postgres.start()
    sending.join(40)
    assert done == [Delivered(delivered=3)]
    keys = [one.message["metadata"]["event_payload"]["key"] for one in slack.posts]
    assert len(keys) == len(set(keys)) == 3


def _events(logs: Sequence[Mapping[str, Any]], name: str) -> list[Mapping[str, Any]]:
    return [entry for entry in logs if entry["event"] == name]


def test_what_cannot_be_claimed_during_an_outage_is_claimed_after_it(
    postgres: EmbeddedPostgres, own_engine: Engine, slack: SlackStandIn
) -> None:
    bell.ring(own_engine, 2)
    plan_all(own_engine, POLICY)
    post = Post(own_engine, Renderer(), {"slack": SlackBot(SecretStr(TOKEN), "#ops", slack.api_url)}, POLICY)
    postgres.stop()
    with pytest.raises(Exception, match="connection"):
        deliver(post, within=timedelta(seconds=5))
    postgres.start()
    assert deliver(post, within=timedelta(seconds=20)).delivered == 2
    assert len(slack.posts) == 2
