"""What a channel takes, what it answers, and the one error that it may raise."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Protocol, Self, runtime_checkable

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.digest import Digest
from notifications.digest_placeholders import LIST_COMMAND
from notifications.notice import Notice
from notifications.rendering import Rendered
from notifications.slack_buttons import Answerable
from notifications.wording import is_over, is_taken, show_command


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One rendered notice, or a digest of many, on its way to one recipient.

    `recipient` is a mail address or a Slack channel, empty where the destination has only one.
    `thread` is the receipt's `provider_id` of the incident's first message there, None for the first.
    """

    delivery_id: int
    key: str
    """The same for every copy of this delivery and unlike any other's, so that a copy can be told."""
    incident_key: str
    """The same for all messages of an incident; mail programs make one conversation of them."""
    notice: Notice
    """What it tells of; of a digest, its first line."""
    rendered: Rendered
    recipient: str = ""
    thread: str | None = None
    digest: Digest | None = None

    @property
    def kind(self) -> EventKind:
        return self.notice.kind

    @property
    def severity(self) -> Severity:
        return self.notice.severity

    @property
    def repeated(self) -> bool:
        return self.digest.repeated if self.digest else self.notice.repeated

    @property
    def where(self) -> str:
        """The command line that shows all that it tells of."""
        return LIST_COMMAND if self.digest else show_command(self.notice)

    @property
    def answerable(self) -> Answerable | None:
        """The open alert that it tells of, which people may take or silence; a digest is none."""
        if self.digest is not None or is_over(self.notice):
            return None
        return Answerable(self.notice.alert_id, taken=is_taken(self.notice))

    @classmethod
    def of(
        cls, notice: Notice, rendered: Rendered, *, recipient: str = "", thread: str | None = None
    ) -> Self:
        """The message that carries `notice`, its keys made from the notice's identity and from nothing else.

        Numbers start again in a new database, and a mail program drops a Message-ID that it knows; so the
        keys carry the time of opening and the identity of the alert as well.
        """
        identity = f"{notice.host}\0{notice.component}\0{notice.rule}"
        digest = sha256(identity.encode("utf-8", "replace")).hexdigest()[:10]
        return cls(
            delivery_id=notice.delivery_id,
            key=f"{notice.delivery_id}-{int(notice.opened_at.timestamp()):x}",
            incident_key=f"{notice.incident_id}-{digest}",
            notice=notice,
            rendered=rendered,
            recipient=recipient,
            thread=thread,
        )

    @classmethod
    def gathered(cls, digest: Digest, rendered: Rendered, *, recipient: str = "") -> Self:
        """The message that carries `digest`; it belongs to no incident and to no thread."""
        key = f"digest-{digest.digest_id}-{int(digest.planned_at.timestamp()):x}"
        return cls(
            delivery_id=digest.digest_id,
            key=key,
            incident_key=key,
            notice=digest.lines[0],
            rendered=rendered,
            recipient=recipient,
            digest=digest,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """The other side has accepted: what it calls the message (Message-ID, Slack ts), and what it answered.

    `place` is where the message can be edited, as the other side calls it; None where it cannot.
    """

    provider_id: str | None
    answer: str
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A message that was sent as `provider_id` to `place`, as it is to be shown from now on."""

    place: str
    provider_id: str
    rendered: Rendered
    where: str
    """The command line that shows all that it tells of."""
    answerable: Answerable | None = None
    """The alert of it that people may still answer."""


class DeliveryError(Exception):
    """The message was not, or not surely, accepted; `reason` is one sentence without any secret.

    `permanent`: trying again cannot help until somebody changes something.
    `retry_after`: what the other side asked for, from 1 second to 15 minutes; None when it asked nothing.
    `ambiguous`: the message had left and no answer came, so it may have arrived; the next copy says so.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.ambiguous = ambiguous


class Channel(Protocol):
    """A way to people.

    The caller sets the deadline (`answering.answered`) and takes one that passes as ambiguous. A channel
    tries once, and leaves nothing open when it is cancelled. Between two calls it remembers nothing but what
    the other side does not take.
    """

    async def send(self, message: Message) -> Receipt:
        """Hand over `message`; raises DeliveryError, and nothing else, when that did not surely succeed."""
        ...


@runtime_checkable
class Editor(Channel, Protocol):
    """A channel that can change what it has sent."""

    async def edit(self, edit: Edit) -> Receipt:
        """Show a message anew, with the same promises as `send`; to do so twice changes nothing more."""
        ...
