"""Sends one message to every recipient of a destination, once, and tells how each step went."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TextIO
from urllib.parse import urlsplit

from aiohttp import ThreadedResolver

import policy
from notifications.channels.addresses import PublicAddresses
from notifications.channels.base import Channel, DeliveryError, Message, Receipt
from notifications.channels.email import Email
from notifications.channels.opening import allowed, open_channel, smtp_server
from notifications.channels.slack_bot import SlackBot
from notifications.trial.course import Course, Step
from notifications.trial.reaching import Server, reach, resolve

DEADLINE = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Tried:
    """How a destination fared with one recipient, who is empty where the destination has only one.

    `provider_id` is what the other side calls the message: a Message-ID, or Slack's ts.
    """

    destination: str
    kind: str
    recipient: str
    ok: bool
    steps: Sequence[Step]
    provider_id: str | None = None


async def try_out(
    destination: policy.AnyDestination,
    letter: Callable[[str], Message],
    console: TextIO,
    tell: Callable[[str, Step], None],
) -> Sequence[Tried]:
    """Send the `letter` for each recipient; `tell` hears of each step, with the recipient that it is for."""
    found = []
    for recipient in destination.recipients:
        course = Course(lambda step, to=recipient: tell(to, step))  # type: ignore[misc] # mypy knows no default
        receipt = await _tried(destination, letter(recipient), console, course)
        number = receipt.provider_id if receipt else None
        tried = Tried(destination.name, destination.kind, recipient, course.ok, tuple(course.steps), number)
        found.append(tried)
    return found


async def _tried(
    destination: policy.AnyDestination, message: Message, console: TextIO, course: Course
) -> Receipt | None:
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            await _approach(destination, course)
            channel = _watched(destination, console, course)
            with course.step("message") as said:
                receipt = await channel.send(message)
                said += [receipt.answer, *filter(None, [receipt.provider_id])]
                return receipt
    except TimeoutError:
        course.failed(f"no answer within {DEADLINE.total_seconds():g} seconds")
    except DeliveryError as error:
        course.failed(error.reason)
    return None


async def _approach(destination: policy.AnyDestination, course: Course) -> None:
    """What can be looked at before the message is on its way."""
    match destination:
        case policy.SlackWebhook():
            await reach(Server.of(destination.url.get_secret_value()), course)
        case policy.SlackBot():
            await reach(Server.of(destination.api_url), course)
            bot = SlackBot(destination.token, destination.channel, destination.api_url)
            with course.step("login") as said:
                said.append(await bot.identity())
        case policy.Webhook():
            url = destination.url.get_secret_value()
            encrypted = urlsplit(url).scheme == "https"
            await reach(Server.of(url), course, PublicAddresses(allowed(destination), encrypted=encrypted))
        case policy.Email():
            await resolve(destination.host, destination.port, course, ThreadedResolver())


def _watched(destination: policy.AnyDestination, console: TextIO, course: Course) -> Channel:
    if isinstance(destination, policy.SlackBot):
        # There is no alert behind a test, and a replay is for looking at.
        destination = replace(destination, buttons=False)
    if isinstance(destination, policy.Email):
        return Email(smtp_server(destination), destination.sender, destination.shown, watch=course.step)
    return open_channel(destination, console)
