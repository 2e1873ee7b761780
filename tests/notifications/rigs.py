"""Each channel, set up over its stand-in, with what a contract needs to know of the other side."""

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import compat32
from typing import Any

from pydantic import SecretStr

from notifications.channels.base import Channel, Message
from notifications.channels.console import Console
from notifications.channels.email import Email, SmtpServer
from notifications.channels.slack_bot import SlackBot
from notifications.channels.slack_webhook import SlackWebhook
from notifications.channels.webhook import Webhook
from tests.notifications.examples import message
from tests.notifications.markup import active
from tests.standins.http import HttpStandIn
from tests.standins.mailbox import PASSWORD, USER, Mailbox
from tests.standins.slack import HOOK, TOKEN, SlackStandIn
from tests.standins.slack_view import effects, outside_code, shown

SENDER, RECIPIENT = "tocsin@alerts.example", "anna@example.com"
SIGNING = "sign-with-this-stand-in"
ENDPOINT = "/hooks/endpoint-secret-42"
HEADERS = {
    *("from", "to", "subject", "date", "message-id", "references", "auto-submitted", "list-id", "precedence"),
    *("x-auto-response-suppress", "x-tocsin-alert", "x-tocsin-severity", "x-tocsin-event", "importance"),
    *("x-priority", "mime-version", "content-type"),
}


class Rig(ABC):
    """A channel and its other side."""

    channel: Channel
    secrets: tuple[str, ...] = ()
    recipient = ""

    def message(self, **changes: Any) -> Message:
        return message(self.recipient, **changes)

    @abstractmethod
    def requests(self) -> int:
        """How many messages the other side was asked to take."""

    @abstractmethod
    def seen(self) -> str:
        """The last message as people see it."""

    @abstractmethod
    def effects(self) -> list[str]:
        """Whatever in the last message would do more than be read; a runbook's link is meant."""


class HttpRig(Rig):
    """A channel over HTTP."""

    server: HttpStandIn

    def requests(self) -> int:
        return len(self.server.requests)

    @abstractmethod
    def at(self, url: str) -> Channel:
        """The same channel, at another address."""

    @property
    @abstractmethod
    def accepts(self) -> str:
        """The body that this channel takes for an acceptance, if it looks at the body at all."""


class SlackWebhookRig(HttpRig):
    secrets: tuple[str, ...] = (HOOK, HOOK.rpartition("/")[2])
    accepts = "ok"

    def __init__(self, server: SlackStandIn) -> None:
        self.server: SlackStandIn = server
        self.channel = self.at(server.webhook_url)

    def at(self, url: str) -> Channel:
        return SlackWebhook(SecretStr(url))

    def seen(self) -> str:
        return shown(self.server.posts[-1].message)

    def effects(self) -> list[str]:
        posted = self.server.posts[-1].message
        return [found for found in effects(posted) if "wiki.example.com" not in found] + [
            mark for mark in ("bold", "gone") if mark in outside_code(posted)
        ]


class SlackBotRig(SlackWebhookRig):
    secrets = (TOKEN,)
    accepts = '{"ok": true, "ts": "1.000001", "channel": "C0STANDIN01"}'

    def __init__(self, server: SlackStandIn) -> None:
        self.server = server
        self.channel = self.at(server.api_url)

    def at(self, url: str) -> Channel:
        return SlackBot(SecretStr(TOKEN), "#ops", url)


class WebhookRig(HttpRig):
    secrets = (ENDPOINT, ENDPOINT.rpartition("/")[2], SIGNING)
    accepts = ""

    def __init__(self, server: HttpStandIn) -> None:
        self.server = server
        self.channel = self.at(server.url(ENDPOINT))

    def at(self, url: str) -> Channel:
        return Webhook(SecretStr(url), SecretStr(SIGNING), allowed={"127.0.0.1", "no-such-host.invalid"})

    def seen(self) -> str:
        return str(self.server.requests[-1].json["text"])

    def effects(self) -> list[str]:
        """JSON has no markup; all that could go wrong is the JSON, and `seen` has read that."""
        return []


class EmailRig(Rig):
    secrets = (PASSWORD,)
    recipient = RECIPIENT

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.channel = Email(smtp(mailbox), SENDER, (RECIPIENT, "ben@example.com"))

    def requests(self) -> int:
        return self.mailbox.visits

    def seen(self) -> str:
        return self.mailbox.mails[-1].part("plain")

    def effects(self) -> list[str]:
        mail = self.mailbox.mails[-1]
        names = [name.lower() for name in message_from_bytes(mail.raw, policy=compat32)]
        foreign = sorted({name for name in names if name not in HEADERS or names.count(name) > 1})
        return foreign + active(mail.part("html")) + [to for to in mail.recipients if to != RECIPIENT]


class ConsoleRig(Rig):
    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.channel = Console(self.stream)

    def requests(self) -> int:
        return self.stream.getvalue().count("=" * 72) // 2

    def seen(self) -> str:
        return self.stream.getvalue()

    def effects(self) -> list[str]:
        return [repr(c) for c in self.stream.getvalue() if not c.isprintable() and c != "\n"]


def smtp(mailbox: Mailbox, **changes: object) -> SmtpServer:
    """How to reach the stand-in, properly."""
    known = {
        "host": "127.0.0.1",
        "port": mailbox.port,
        "security": "starttls",
        "username": USER,
        "password": SecretStr(PASSWORD),
        "tls": mailbox.certificate.client(),
    }
    return SmtpServer(**(known | changes))  # type: ignore[arg-type]


HTTP = ("slack-webhook", "slack-bot", "webhook")
ALL = (*HTTP, "email", "console")


@contextmanager
def rig(name: str) -> Iterator[Rig]:
    """The rig of that name, with its server running."""
    if name == "console":
        yield ConsoleRig()
    elif name == "email":
        with Mailbox() as mailbox:
            yield EmailRig(mailbox)
    elif name == "webhook":
        with HttpStandIn() as sink:
            yield WebhookRig(sink)
    else:
        with SlackStandIn() as slack:
            yield SlackBotRig(slack) if name == "slack-bot" else SlackWebhookRig(slack)
