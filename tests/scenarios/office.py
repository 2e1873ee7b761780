"""The post office: the outbox and the channels over a Slack and a mail server, with a clock that is moved."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, select

from models import Attempt, Delivery, DestinationState
from notifications.channels.base import Channel
from notifications.channels.email import Email, SmtpServer
from notifications.channels.slack_webhook import SlackWebhook
from notifications.delivery import Delivered, Post, deliver
from notifications.planning import plan_all
from notifications.rendering import Renderer
from policy import AnyDestination, Policy, destinations
from policy.matching import Scope
from policy.routes import Route
from tests import bell
from tests.moving_clock import MovingClock
from tests.standins.mailbox import PASSWORD, USER, Mailbox
from tests.standins.slack import SlackStandIn

RENDERER = Renderer()


def slack_to(slack: SlackStandIn, **settings: Any) -> destinations.SlackWebhook:
    return destinations.SlackWebhook(name="slack", url=SecretStr(slack.webhook_url), **settings)


def mail_to(*to: str, **settings: Any) -> destinations.Email:
    return destinations.Email(
        name="email", to=to or ("ada@example.com",), sender="tocsin@alerts.example", host="mail", **settings
    )


def policy_of(*known: AnyDestination, told: tuple[str, ...] | None = None) -> Policy:
    """Everything goes to all of these, or to those that are named."""
    names = told if told is not None else tuple(destination.name for destination in known)
    return Policy(
        rules=(),
        destinations={destination.name: destination for destination in known},
        routes=(Route(Scope(), names),),
        cooldown=timedelta(minutes=15),
        repeat={},
    )


def mail_channel(mailbox: Mailbox) -> Email:
    login = {"username": USER, "password": SecretStr(PASSWORD)}
    trusted = mailbox.certificate.client()
    server = SmtpServer("127.0.0.1", mailbox.port, "starttls", **login, tls=trusted)  # type: ignore[arg-type]
    return Email(server, "tocsin@alerts.example", ())


@dataclass
class Office:
    """Slack and mail behind the outbox; nothing is due until the clock says so."""

    engine: Engine
    clock: MovingClock
    slack: SlackStandIn
    mailbox: Mailbox
    policy: Policy
    channels: Mapping[str, Channel] = field(default_factory=dict)
    deadline: timedelta = timedelta(seconds=20)

    def __post_init__(self) -> None:
        hook = SlackWebhook(SecretStr(self.slack.webhook_url))
        self.channels = {"slack": hook, "email": mail_channel(self.mailbox), **self.channels}

    def ring(self, alerts: int = 1, *, hosts: int = 1, critical_every: int = 1) -> list[int]:
        """So many alerts open, and people are told what follows."""
        ids = self.quietly(alerts, hosts=hosts, critical_every=critical_every)
        self.deliver()
        return ids

    def quietly(self, alerts: int = 1, *, hosts: int = 1, critical_every: int = 1) -> list[int]:
        """So many alerts open and are planned; nobody has been told yet."""
        ids = bell.ring(self.engine, alerts, hosts=hosts, critical_every=critical_every)
        plan_all(self.engine, self.policy)
        return ids

    def end(self, ids: list[int]) -> None:
        bell.end(self.engine, ids)
        plan_all(self.engine, self.policy)
        self.deliver()

    def forward(self, **span: float) -> Delivered:
        """Time passes, and the sweep comes by."""
        self.clock.forward(**span)
        plan_all(self.engine, self.policy)
        return self.deliver()

    def minutes(self, count: int, *, every: int = 10) -> None:
        """So many minutes pass, with a sweep every so many seconds."""
        for _ in range(count * 60 // every):
            self.forward(seconds=every)

    def deliver(self) -> Delivered:
        return deliver(self.post, within=timedelta(seconds=10))

    @property
    def post(self) -> Post:
        return Post(
            self.engine, RENDERER, self.channels, self.policy, random=Random(1), deadline=self.deadline
        )

    def rows(self, destination: str | None = None) -> list[Any]:
        """The outbox in order, all of it or what is for one destination."""
        query = select(Delivery.__table__).order_by(Delivery.id)
        if destination is not None:
            query = query.where(Delivery.destination == destination)
        with self.engine.connect() as connection:
            return list(connection.execute(query))

    def states(self, destination: str | None = None) -> Counter[str]:
        return Counter(row.state for row in self.rows(destination))

    def attempts(self, destination: str) -> list[str]:
        """What each attempt for a destination came to, in order."""
        query = (
            select(Attempt.outcome)
            .join(Delivery, Delivery.id == Attempt.delivery_id)
            .where(Delivery.destination == destination)
            .order_by(Attempt.id)
        )
        with self.engine.connect() as connection:
            return list(connection.execute(query).scalars())

    def fares(self, destination: str) -> Any:
        """The row that says how a destination fares."""
        query = select(DestinationState.__table__).where(DestinationState.destination == destination)
        with self.engine.connect() as connection:
            return connection.execute(query).one()

    def on_slack(self) -> list[str]:
        """The first lines of what stands in the channel."""
        return [str(post.message["text"]) for post in self.slack.posts]

    def in_mail(self) -> list[str]:
        """The mails by their first lines, which say how things stand, and the numbers in their subjects."""
        return [
            f"{one.first_line} [{str(one.message['Subject']).partition('[')[2]}" for one in self.mailbox.mails
        ]

    def with_destinations(self, *known: AnyDestination, told: tuple[str, ...] | None = None) -> None:
        self.policy = replace(policy_of(*known, told=told), cooldown=self.policy.cooldown)
