"""The channels over their stand-ins."""

from collections.abc import Iterator

import pytest

from tests.notifications.rigs import ALL, HTTP, EmailRig, HttpRig, Rig, SlackBotRig, rig
from tests.standins.http import HttpStandIn
from tests.standins.mailbox import Mailbox
from tests.standins.slack import SlackStandIn


@pytest.fixture(params=ALL)
def any_rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    """Every channel."""
    with rig(request.param) as opened:
        yield opened


@pytest.fixture(params=HTTP)
def http_rig(request: pytest.FixtureRequest) -> Iterator[HttpRig]:
    """Every channel that speaks HTTP."""
    with rig(request.param) as opened:
        assert isinstance(opened, HttpRig)
        yield opened


@pytest.fixture
def mail_rig(mailbox: Mailbox) -> EmailRig:
    return EmailRig(mailbox)


@pytest.fixture
def bot_rig(slack: SlackStandIn) -> SlackBotRig:
    return SlackBotRig(slack)


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        yield server


@pytest.fixture
def sink() -> Iterator[HttpStandIn]:
    with HttpStandIn() as server:
        yield server
