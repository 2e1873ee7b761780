"""Where messages can go: everything that a channel needs to be built, secrets included and hidden."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import SecretStr

SMTP_SECURITY = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A name that routes may use.

    `fallback` is the name of the destination that gets what this one cannot deliver; `per_minute` is how many
    messages it may get in a minute before they are gathered into a digest.
    """

    kind: ClassVar[str]
    name: str
    fallback: str | None = None
    per_minute: int = 30

    @property
    def recipients(self) -> tuple[str, ...]:
        """The addresses that each get a message of their own; one empty one where there is just one."""
        return ("",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackWebhook(Destination):
    kind = "slack-webhook"
    url: SecretStr


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackBot(Destination):
    """Any channel of a workspace; `buttons` says that somebody listens to who presses them."""

    kind = "slack-bot"
    token: SecretStr
    channel: str
    api_url: str = "https://slack.com/api/"
    buttons: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Email(Destination):
    """Each address of `to` gets a mail of its own; with `hide_recipients` it shows no other address."""

    kind = "email"
    to: tuple[str, ...]
    sender: str
    hide_recipients: bool = False
    host: str
    port: int = 587
    username: str | None = None
    password: SecretStr | None = None
    security: SMTP_SECURITY = "starttls"

    @property
    def recipients(self) -> tuple[str, ...]:
        return self.to

    @property
    def shown(self) -> tuple[str, ...]:
        """The addresses in the header of each mail; none means its own recipient alone."""
        return () if self.hide_recipients else self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Destination):
    """Any address that takes JSON; `secret` signs what is sent.

    `allow_private` lets its host be in a private network, and there without encryption.
    """

    kind = "webhook"
    url: SecretStr
    secret: SecretStr | None = None
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Console(Destination):
    kind = "console"
    per_minute: int = 600


AnyDestination = SlackWebhook | SlackBot | Email | Webhook | Console
