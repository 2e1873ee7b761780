"""A database, a Slack and a mail server, with senders that come and go."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, select, text

from models import Attempt, Delivery
from models.clock import OFFSET
from notifications.planning import plan_all
from policy import Policy, destinations
from policy.matching import Scope
from policy.routes import Route
from tests import bell
from tests.faults.sender import SENDER, Orders, Point
from tests.standins.mailbox import Mailbox
from tests.standins.slack import TOKEN, SlackStandIn

LEASE = timedelta(seconds=60)


def mail(*to: str) -> destinations.Email:
    """Nobody is in a hurry here but we: the rate is no matter."""
    return destinations.Email(
        name="email", to=to or ("ada@example.com",), sender=SENDER, host="127.0.0.1", per_minute=100_000
    )


SLACK = destinations.SlackBot(name="slack", token=SecretStr(TOKEN), channel="#ops")


def policy_of(*known: destinations.AnyDestination, told: tuple[str, ...] | None = None) -> Policy:
    """Everything goes to all of these, or to those that are named."""
    names = told if told is not None else tuple(destination.name for destination in known)
    return Policy(
        rules=(),
        destinations={destination.name: destination for destination in known},
        routes=(Route(Scope(), names),),
        cooldown=timedelta(minutes=15),
        repeat={},
    )


@dataclass
class Scene:
    database_url: str
    engine: Engine
    slack: SlackStandIn
    mailbox: Mailbox
    policy: Policy = policy_of(mail())  # noqa: RUF009 - it is frozen
    ahead: timedelta = timedelta(0)

    def orders(self, die_at: Point | None = None, *, within: float = 20) -> Orders:
        return Orders(self.database_url, self.policy, self.slack.api_url, self.mailbox.port, die_at, within)

    def plan(self, alerts: int, **how: int) -> None:
        bell.ring(self.engine, alerts, **how)
        plan_all(self.engine, self.policy)

    def forward(self, span: timedelta) -> None:
        """Time passes for every session that begins from now on."""
        self.ahead += span
        with self.engine.begin() as connection:
            database = connection.execute(text("SELECT current_database()")).scalar_one()
            seconds = self.ahead.total_seconds()
            connection.execute(text(f"ALTER DATABASE {database} SET {OFFSET} = '{seconds} seconds'"))
        self.engine.dispose()

    def rows(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(Delivery.__table__).order_by(Delivery.id)))

    def states(self) -> Counter[str]:
        return Counter(row.state for row in self.rows())

    def outcomes(self) -> Counter[str]:
        with self.engine.connect() as connection:
            return Counter(connection.execute(select(Attempt.outcome)).scalars())

    def mail_copies(self) -> Counter[str]:
        """How many mails there are of each Message-ID."""
        return Counter(str(mail.message["Message-ID"]) for mail in self.mailbox.mails)

    def slack_copies(self) -> Counter[str]:
        """How many Slack messages there are of each key."""
        return Counter(post.message["metadata"]["event_payload"]["key"] for post in self.slack.posts)
