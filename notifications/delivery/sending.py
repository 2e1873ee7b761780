"""Hands messages to their channels, side by side, each under a deadline of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

from notifications.channels.base import Channel, DeliveryError, Message, Receipt
from notifications.delivery.outbox import Claimed, Outcome

# For the whole of a sending, whatever its parts take: well under the lease.
DEADLINE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed delivery with the message that goes out for it."""

    claimed: Claimed
    message: Message


async def send_all(
    letters: Sequence[Letter], channels: Mapping[str, Channel], *, deadline: timedelta = DEADLINE
) -> AsyncIterator[tuple[Claimed, Outcome]]:
    """Send every letter and yield each outcome as soon as it is known, the quickest first."""
    sendings = [asyncio.create_task(_send(letter, channels, deadline)) for letter in letters]
    for done in asyncio.as_completed(sendings):
        yield await done


async def _send(
    letter: Letter, channels: Mapping[str, Channel], deadline: timedelta
) -> tuple[Claimed, Outcome]:
    started_at, start = datetime.now(UTC), monotonic()
    receipt, error = None, None
    try:
        receipt = await _within(letter, channels, deadline)
    except DeliveryError as failed:
        error = failed
    duration = timedelta(seconds=monotonic() - start)
    summary = letter.message.rendered.summary
    return letter.claimed, Outcome(started_at, duration, summary, receipt, error)


async def _within(letter: Letter, channels: Mapping[str, Channel], deadline: timedelta) -> Receipt:
    destination = letter.claimed.recipient.destination
    channel = channels.get(destination)
    if channel is None:
        raise DeliveryError(f"there is no destination {destination} any more", permanent=True)
    try:
        async with asyncio.timeout(deadline.total_seconds()):
            return await channel.send(letter.message)
    except TimeoutError:
        late = f"no answer within {deadline.total_seconds():g} seconds"
        raise DeliveryError(late, ambiguous=True) from None
