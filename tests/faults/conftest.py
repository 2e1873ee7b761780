"""Stand-ins that other processes can reach, and a clock that they share."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.faults.scene import Scene
from tests.standins.mailbox import Mailbox
from tests.standins.slack import SlackStandIn


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as server:
        yield server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Without encryption, as certificates would have to travel between processes."""
    with Mailbox(starttls=False, login=False) as server:
        yield server


@pytest.fixture
def scene(database_url: str, engine: Engine, slack: SlackStandIn, mailbox: Mailbox) -> Scene:
    return Scene(database_url, engine, slack, mailbox)
