"""Hands messages to their channel, side by side, each under a deadline of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog

import tracing
from notifications.channels.answering import ChannelBrokenError, answered
from notifications.channels.base import Channel, DeliveryError, Message, Receipt
from notifications.delivery.parcel import Outcome, Parcel

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letter:
    """A parcel with the message that goes out for it."""

    parcel: Parcel
    message: Message


async def send_all(
    letters: Sequence[Letter], channel: Channel | None, *, deadline: timedelta
) -> AsyncIterator[tuple[Letter, Outcome]]:
    """Send every letter and yield each outcome as soon as it is known, the quickest first.

    `channel` is None for a destination that nobody knows any more.
    """
    sendings = [asyncio.create_task(_send(letter, channel, deadline)) for letter in letters]
    for done in asyncio.as_completed(sendings):
        yield await done


async def _send(letter: Letter, channel: Channel | None, deadline: timedelta) -> tuple[Letter, Outcome]:
    start = monotonic()
    receipt, error = None, None
    try:
        with _followed(letter.parcel) as span:
            receipt = await _answer(letter, channel, deadline)
            span.tell({"tocsin.outcome": "delivered"})
    except DeliveryError as failed:
        error = failed
        if isinstance(failed, ChannelBrokenError):
            log.exception("delivery.channel_broken", destination=letter.parcel.recipient.destination)
    duration = timedelta(seconds=monotonic() - start)
    return letter, Outcome(duration, letter.message.rendered, receipt, error)


def _followed(parcel: Parcel) -> tracing.Span:
    """The span of a sending, below what made the event; a digest belongs to the sweep, and links to all."""
    about: tracing.About = {
        "tocsin.destination": parcel.recipient.destination,
        "tocsin.delivery": parcel.ids[0],
        "tocsin.alert": parcel.claimed[0].alert_id,
        "tocsin.deliveries": len(parcel.claimed),
    }
    events = [one.trace for one in parcel.claimed]
    if parcel.bundle is None:
        return tracing.span("deliver", parent=events[0], links=[tracing.current()], about=about)
    return tracing.span("deliver", links=events, about=about)


async def _answer(letter: Letter, channel: Channel | None, deadline: timedelta) -> Receipt:
    if channel is None:
        name = letter.parcel.recipient.destination
        raise DeliveryError(f"there is no destination {name} any more", permanent=True)
    async with answered(deadline):
        return await channel.send(letter.message)
