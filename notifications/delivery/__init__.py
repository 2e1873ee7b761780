"""Delivers what is due: claim, check, send, record, until nothing is due or the time is up."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from time import monotonic

import structlog
from sqlalchemy import Engine

from notifications.channels.base import Channel, Message
from notifications.delivery.notices import notices
from notifications.delivery.outbox import Claimed, Outcome, claim, record
from notifications.delivery.sending import Letter, send_all
from notifications.notice import Notice
from notifications.rendering import Renderer
from policy import Policy

log = structlog.get_logger()

BATCH = 20


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of delivery did: messages accepted by the other side, and sendings that failed."""

    delivered: int = 0
    failed: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(self.delivered + other.delivered, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Post:
    """What it takes to deliver: the way into the database, to the words and to the people."""

    engine: Engine
    renderer: Renderer
    channels: Mapping[str, Channel]
    policy: Policy
    runbooks: str | None = None
    random: Random = Random()  # noqa: S311, RUF009 - jitter is no secret, and one source serves all


def deliver(post: Post, *, within: timedelta) -> Delivered:
    """Deliver everything that is due; no new batch is begun after `within`.

    No transaction is open while a message is on its way. Whoever dies here leaves a lease that ends.
    """
    done, start = Delivered(), monotonic()
    while monotonic() - start < within.total_seconds():
        letters, due = _letters(post)
        done += asyncio.run(_deliver(post, letters))
        if not due:
            break
    return done


def _letters(post: Post) -> tuple[list[Letter], int]:
    with post.engine.begin() as connection:
        claimed, due = claim(connection, post.policy, most=BATCH)
        told = notices(connection, claimed, runbooks=post.runbooks)
    return [_letter(post, one, told[one.id]) for one in claimed], due


def _letter(post: Post, one: Claimed, notice: Notice) -> Letter:
    rendered = post.renderer.render(notice)
    return Letter(one, Message.of(notice, rendered, recipient=one.recipient.address, thread=one.thread))


async def _deliver(post: Post, letters: list[Letter]) -> Delivered:
    done = Delivered()
    async for one, outcome in send_all(letters, post.channels):
        with post.engine.begin() as connection:
            mine = record(connection, one, outcome, post.random)
        _report(one, outcome, mine=mine)
        done += Delivered(delivered=1) if outcome.receipt else Delivered(failed=1)
    return done


def _report(one: Claimed, outcome: Outcome, *, mine: bool) -> None:
    told = log.bind(delivery=one.id, alert=one.alert_id, destination=one.recipient.destination)
    if not mine:
        told.warning("delivery.late_result", answer="another sender had taken over when this one came back")
    if outcome.error is None:
        told.info("delivery.delivered", ms=round(outcome.duration.total_seconds() * 1000))
    else:
        told.warning("delivery.failed", reason=outcome.error.reason, permanent=outcome.error.permanent)
