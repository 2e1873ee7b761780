"""Whatever a channel does, who asked it gets a receipt or a DeliveryError, in time."""

import asyncio
from datetime import timedelta

import pytest

from notifications.channels.answering import ChannelBrokenError, answered
from notifications.channels.base import DeliveryError

AT_ONCE, LATER = timedelta(milliseconds=1), timedelta(seconds=30)


@pytest.mark.parametrize(
    "bug", [ZeroDivisionError("1/0"), KeyError("xoxb-secret"), ExceptionGroup("", [OSError()])]
)
async def test_a_fault_of_the_channel_may_pass_and_its_text_is_told_to_nobody(bug: Exception) -> None:
    with pytest.raises(ChannelBrokenError) as raised:
        async with answered(LATER):
            raise bug
    assert raised.value.reason == f"the channel broke: {type(bug).__name__}"
    assert (raised.value.permanent, raised.value.ambiguous) == (False, True)
    assert raised.value.__cause__ is bug


async def test_a_refusal_stays_what_the_channel_said() -> None:
    refusal = DeliveryError("no_such_channel", permanent=True)
    with pytest.raises(DeliveryError) as raised:
        async with answered(LATER):
            raise refusal
    assert raised.value is refusal


async def test_who_is_late_may_have_sent_it() -> None:
    with pytest.raises(DeliveryError, match=r"^no answer within 0.001 seconds$") as raised:
        async with answered(AT_ONCE):
            await asyncio.Event().wait()
    assert raised.value.ambiguous


async def test_who_is_stopped_is_not_taken_for_a_broken_channel() -> None:
    asked = asyncio.Event()

    async def ask() -> None:
        async with answered(LATER):
            asked.set()
            await asyncio.Event().wait()

    asking = asyncio.create_task(ask())
    await asked.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
