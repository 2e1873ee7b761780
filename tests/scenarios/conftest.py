"""The stage, set up anew for each scenario."""

from collections.abc import Iterator
from io import StringIO

import pytest
from redis import Redis
from sqlalchemy import Engine

import policy
import settings
from notifications.channels.opening import open_channel
from tests.moving_clock import MovingClock
from tests.scenarios.office import Office, mail_to, policy_of, slack_to
from tests.scenarios.stage import Stage
from tests.standins.mailbox import Mailbox
from tests.standins.slack import SlackStandIn
from worker.resources import connect


@pytest.fixture(scope="session")
def slack_server() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


@pytest.fixture
def slack(slack_server: SlackStandIn) -> SlackStandIn:
    slack_server.posts.clear()
    slack_server.requests.clear()
    slack_server.script.clear()
    return slack_server


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with connect(redis_url) as client:
        yield client


@pytest.fixture
def stage(engine: Engine, redis: Redis, slack: SlackStandIn) -> Stage:
    clock = MovingClock()
    clock.drives(engine)
    rules = policy.load(None, settings.load({"SLACK_WEBHOOK_URL": slack.webhook_url}))
    channels = {name: open_channel(to, StringIO()) for name, to in rules.destinations.items()}
    return Stage(engine, redis, clock, slack, rules, channels)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        yield server


@pytest.fixture
def office(engine: Engine, slack: SlackStandIn, mailbox: Mailbox) -> Office:
    clock = MovingClock()
    clock.drives(engine)
    return Office(engine, clock, slack, mailbox, policy_of(slack_to(slack), mail_to()))
