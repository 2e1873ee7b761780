"""Waits for a channel's answer: it comes in time, or there is a DeliveryError, and nothing else comes out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from notifications.channels.base import DeliveryError


class ChannelBrokenError(DeliveryError):
    """A channel raised what it must not; the cause is what it was."""


@asynccontextmanager
async def answered(within: timedelta) -> AsyncIterator[None]:
    """The block in which a channel is asked; raises DeliveryError, whatever the channel does.

    A channel may be anybody's, and one that is broken keeps no other from sending: left to itself its error
    would end all that is sent beside it.
    """
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except DeliveryError:
        raise
    except TimeoutError:
        late = f"no answer within {within.total_seconds():g} seconds"
        raise DeliveryError(late, ambiguous=True) from None
    except Exception as bug:
        raise ChannelBrokenError(f"the channel broke: {type(bug).__name__}", ambiguous=True) from bug
