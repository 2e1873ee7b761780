"""From a destination, which is what the policy says, to the channel that serves it."""

from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

import policy
from notifications.channels.base import Channel
from notifications.channels.console import Console

if TYPE_CHECKING:
    from notifications.channels.email import SmtpServer

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def open_channel(destination: policy.AnyDestination, console: TextIO) -> Channel:
    """The channel for `destination`; nothing is connected yet. `console` is where the console's text goes.

    The libraries of a channel take up to 15 MB, and are loaded where it is used.
    """
    match destination:
        case policy.SlackWebhook():
            from notifications.channels.slack_webhook import SlackWebhook

            return SlackWebhook(destination.url)
        case policy.SlackBot():
            from notifications.channels.slack_bot import SlackBot

            return SlackBot(
                destination.token, destination.channel, destination.api_url, buttons=destination.buttons
            )
        case policy.Email():
            from notifications.channels.email import Email

            return Email(smtp_server(destination), destination.sender, destination.shown)
        case policy.Webhook():
            from notifications.channels.webhook import Webhook

            return Webhook(destination.url, destination.secret, allowed(destination))
        case policy.Console():
            return Console(console)


def smtp_server(email: policy.Email) -> "SmtpServer":
    """Where a destination hands its mail in."""
    from notifications.channels.email import SmtpServer

    return SmtpServer(email.host, email.port, email.security, email.username, email.password)


def allowed(webhook: policy.Webhook) -> set[str]:
    """The host if it may be inside: by its destination, or as this machine.

    That must be written out as such; a name that merely leads here is not enough.
    """
    host = {urlsplit(webhook.url.get_secret_value()).hostname or ""}
    return host if webhook.allow_private else host & LOOPBACK
