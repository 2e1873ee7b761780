"""A sender in a process of its own, which kills itself where it is told to."""

import logging
import resource
import signal
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from multiprocessing import get_context
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkServerProcess
from typing import Any

import structlog
from pydantic import SecretStr
from sqlalchemy import Engine, event

from models.session import make_engine
from notifications.channels.base import Channel, Message, Receipt
from notifications.channels.email import Email, SmtpServer
from notifications.channels.slack_bot import SlackBot
from notifications.delivery import Delivered, Post, deliver
from notifications.rendering import Renderer
from policy import Policy
from tests.standins.slack import TOKEN

SENDER = "tocsin@alerts.example"

# Forked from a process that has imported everything: a sender is there within milliseconds.
forks = get_context("forkserver")
forks.set_forkserver_preload([__name__])


class Point(StrEnum):
    """Where a sender may die."""

    BEFORE_CLAIM = "before the claim"
    CLAIM_WRITTEN = "claim written, not committed"
    AFTER_CLAIM = "after the claim"
    AFTER_SEND = "after the send"
    RECORD_WRITTEN = "record written, not committed"
    AFTER_RECORD = "after the record"


@dataclass(frozen=True, slots=True)
class Orders:
    """Where to deliver from and to, for how many seconds to begin messages, and where to die, and how."""

    database_url: str
    policy: Policy
    slack_api_url: str
    smtp_port: int
    die_at: Point | None = None
    within: float = 20
    how: signal.Signals = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Done:
    """What a sender did, and how much memory it took for it at most, in MB."""

    delivered: Delivered
    megabytes: float


@dataclass
class Doom:
    """Kills or freezes the process, as the kernel would, when a point is reached."""

    point: Point | None
    how: signal.Signals
    claimed: bool = False
    recorded: bool = False
    committed: bool = False

    def reached(self, point: Point) -> None:
        if point is self.point:
            # To this very thread, so that it does not get any further.
            signal.pthread_kill(threading.get_ident(), self.how)

    def watch(self, engine: Engine) -> None:
        event.listen(engine, "before_cursor_execute", self._statement)
        event.listen(engine, "commit", self._commit)
        event.listen(engine, "checkin", self._checkin)

    def _statement(self, _connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if "SKIP LOCKED" in statement:
            self.reached(Point.BEFORE_CLAIM)
        self.claimed |= statement.startswith("UPDATE notification_deliveries SET digest_id")
        self.claimed |= "attempts=(notification_deliveries.attempts" in statement
        self.recorded |= "INSERT INTO notification_attempts" in statement

    def _commit(self, _connection: Any) -> None:
        if self.claimed:
            self.claimed = False
            self.reached(Point.CLAIM_WRITTEN)
        if self.recorded:
            self.reached(Point.RECORD_WRITTEN)
            self.committed = True

    def _checkin(self, *_: object) -> None:
        if self.committed:
            self.reached(Point.AFTER_RECORD)


@dataclass(frozen=True, slots=True)
class Doomed:
    """A channel in the way of which the process may die."""

    channel: Channel
    doom: Doom

    async def send(self, message: Message) -> Receipt:
        self.doom.reached(Point.AFTER_CLAIM)
        receipt = await self.channel.send(message)
        self.doom.reached(Point.AFTER_SEND)
        return receipt


def start(orders: Orders, answer: Pipe | None = None) -> ForkServerProcess:
    """A sender that is on its way; it sends a `Done` to `answer` if it lives that long."""
    process = forks.Process(target=_send, args=(orders, answer), daemon=True)
    process.start()
    return process


def run(orders: Orders) -> Done | None:
    """What a sender did, None if it died."""
    mine, its = forks.Pipe(duplex=False)
    process = start(orders, its)
    its.close()
    try:
        done: Done | None = mine.recv()
    except EOFError:
        done = None
    process.join()
    return done


def _send(orders: Orders, answer: Pipe | None) -> None:
    quiet = structlog.make_filtering_bound_logger(logging.CRITICAL)
    structlog.configure(wrapper_class=quiet)
    doom = Doom(orders.die_at, orders.how)
    engine = make_engine(orders.database_url)
    doom.watch(engine)
    channels = {name: Doomed(channel, doom) for name, channel in _channels(orders).items()}
    delivered = deliver(
        Post(engine, Renderer(), channels, orders.policy), within=timedelta(seconds=orders.within)
    )
    if answer is not None:
        answer.send(Done(delivered, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _channels(orders: Orders) -> Mapping[str, Channel]:
    return {
        "slack": SlackBot(SecretStr(TOKEN), "#ops", orders.slack_api_url),
        "email": Email(SmtpServer("127.0.0.1", orders.smtp_port, "none"), SENDER, ()),
    }
