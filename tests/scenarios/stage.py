"""The whole way from a sample to a message, on real servers, with a clock that tests move."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from redis import Redis
from sqlalchemy import Engine, select

from domain.cadence import UNWATCHED
from models import Alert, AlertEvent, Decision, Delivery, Host, InfrastructureHealth, clock
from notifications.calm import is_calm
from notifications.channels.base import Channel
from notifications.channels.opening import open_channel
from notifications.delivery import Delivered, Post, deliver
from notifications.planning import Planned, plan_all
from notifications.rendering import Renderer
from policy import Policy
from tests import samples
from tests.moving_clock import MovingClock
from tests.standins.slack import SlackStandIn
from worker import alerts, health_check, heartbeats, stream
from worker.recording import record_waiting

TICK = timedelta(seconds=5)


@dataclass
class Stage:
    """One machine called web-1 (and others by name), somebody on Slack, and a clock."""

    engine: Engine
    redis: Redis
    clock: MovingClock
    slack: SlackStandIn
    policy: Policy
    channels: dict[str, Channel]
    renderer: Renderer = field(default_factory=Renderer)
    _heard: int = 0
    _told: int = 0

    def disk(self, percent: float, *, host: str = "web-1") -> None:
        """A sample in which `/` is so full, and what follows: the rule for disks decides at once."""
        self.sample(host=host, disks={"/": percent})
        self.notify()

    def sample(self, **figures: Any) -> None:
        stream.publish(self.redis, samples.system(**figures))
        record_waiting(self.engine, self.redis, self.policy, consumer="stage")

    def lasts(self, *, seconds: int = 0, minutes: int = 0, **figures: Any) -> None:
        """A sample with these figures every five seconds for so long; people are told what follows."""
        end = self.clock.offset + timedelta(seconds=seconds, minutes=minutes)
        while self.clock.offset < end:
            self.sample(**figures)
            self.clock.offset += TICK
            self.notify()

    def alive(self, *hosts: str, seconds: int) -> None:
        """These hosts send a sample every five seconds; every fifteen the health check comes by."""
        for tick in range(seconds // 5):
            for host in hosts:
                self.sample(host=host)
            if tick % 3 == 0:
                self.check()
            self.clock.offset += TICK

    def statuses(self, host: str) -> list[str]:
        """What the health checks found of a host, in order."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(InfrastructureHealth.status)
                .join(Host, Host.id == InfrastructureHealth.host_id)
                .where(Host.name == host)
                .order_by(InfrastructureHealth.checked_at)
            )
            return [status.value for status in rows.scalars()]

    def check(self) -> None:
        health_check.check(self.engine, self.redis, self.policy)
        self.notify()

    def watchdog_looks(self) -> None:
        with self.engine.begin() as connection:
            heartbeats.beat(connection, "watchdog", self.now(), {}, gap=UNWATCHED)

    def forward(self, **span: float) -> None:
        """Time passes, and the sweep comes by."""
        self.clock.forward(**span)
        self.notify()

    def notify(self) -> Delivered:
        """Whenever all is calm, and the sweep would do nothing, it does nothing."""
        calm, asked = self.calm(), len(self.slack.requests)
        planned, delivered = plan_all(self.engine, self.policy), self.deliver()
        did_nothing = (planned, delivered, len(self.slack.requests)) == (Planned(), Delivered(), asked)
        assert did_nothing or not calm
        return delivered

    def calm(self) -> bool:
        with self.engine.connect() as connection:
            return is_calm(connection)

    def deliver(self) -> Delivered:
        post = Post(self.engine, self.renderer, self.channels, self.policy)
        return deliver(post, within=timedelta(seconds=10))

    def acknowledge(self, *, by: str = "ada") -> None:
        """Somebody takes the newest alert."""
        with self.engine.begin() as connection:
            newest = connection.execute(select(Alert.id).order_by(Alert.id.desc())).scalars().first()
            assert newest is not None
            alerts.acknowledge(connection, newest, by=by)
        self.notify()

    def heard(self) -> list[str]:
        """What Slack got since this was last asked: the first words of each message."""
        new = self.slack.posts[self._heard :]
        self._heard = len(self.slack.posts)
        return [_first_words(str(post.message["text"])) for post in new]

    def told(self) -> list[str]:
        """The destinations that were told since this was last asked, in order."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(Delivery.id, Delivery.destination)
                .where(Delivery.state == "delivered", Delivery.id > self._told)
                .order_by(Delivery.id)
            ).all()
        self._told = max((row.id for row in rows), default=self._told)
        return [row.destination for row in rows]

    def events(self) -> list[str]:
        """What happened, in order."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(AlertEvent.kind).order_by(AlertEvent.id)).scalars())

    def reasons(self) -> list[str]:
        """Why it happened, in order."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(AlertEvent.reason).order_by(AlertEvent.id)).scalars())

    def now(self) -> datetime:
        with self.engine.connect() as connection:
            return clock.now(connection)

    def at(self, moment: datetime) -> None:
        """Play the scene at this time."""
        self.clock.offset += moment - self.now()

    def plan_after(self, **figures: Any) -> None:
        """A sample, and the plan that follows from it, but nothing is sent yet."""
        self.sample(**figures)
        plan_all(self.engine, self.policy)

    def decisions(self) -> list[tuple[str, str]]:
        """Every decision in order: the verdict and its reason."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(Decision.verdict, Decision.reason).order_by(Decision.id))
            return [(row.verdict, row.reason) for row in rows]

    def outbox(self) -> list[tuple[str, str]]:
        """Every delivery in order: its kind and the state that it is in."""
        with self.engine.connect() as connection:
            rows = connection.execute(select(Delivery.kind, Delivery.state).order_by(Delivery.id))
            return [(row.kind, row.state) for row in rows]

    def open_channels(self) -> None:
        """A channel for each destination that the policy has by now."""
        self.channels = {name: open_channel(to, StringIO()) for name, to in self.policy.destinations.items()}

    def with_policy(self, **changes: Any) -> None:
        self.policy = replace(self.policy, **changes)


def _first_words(text: str) -> str:
    """`CRITICAL web-1 disk:/ 97 % (limit …` up to where the figures begin."""
    words = text.split(" ")
    figures = next((n for n, word in enumerate(words) if word[:1].isdigit()), len(words))
    return " ".join(words[:figures])
