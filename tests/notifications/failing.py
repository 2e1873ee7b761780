"""A sending that must not succeed."""

import pytest

from notifications.channels.base import Channel, DeliveryError, Message


async def failure(channel: Channel, message: Message) -> DeliveryError:
    """The error of a sending that must not succeed."""
    with pytest.raises(DeliveryError) as raised:
        await channel.send(message)
    return raised.value
