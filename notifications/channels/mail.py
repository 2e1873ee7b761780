"""The mail itself: what stands in its headers, and proof that nothing else does."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, compat32
from email.utils import format_datetime

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.channels.base import Message
from notifications.escaping import header

SUBJECT = 250
URGENT = frozenset(
    {
        EventKind.OPENED,
        EventKind.WORSENED,
        EventKind.REMINDED,
        EventKind.ESCALATED,
        EventKind.UNACKNOWLEDGED,
    }
)


def message_id(message: Message, sender: str) -> str:
    """The Message-ID: the same for every copy, so that mail programs drop or show a copy as what it is."""
    return f"<tocsin-{message.key}@{_domain(sender)}>"


class Mail:
    """A message as a mail from `sender` that shows `to`."""

    def __init__(self, message: Message, sender: str, to: Sequence[str]) -> None:
        self._message = message
        self._sender = sender
        self._to = to

    def as_bytes(self) -> bytes:
        """The mail, ready to be sent: read again, it has the headers that it was given and no others."""
        subject = header(self._message.rendered.subject)[:SUBJECT]
        mail = self._mail(subject)
        if not _intact(mail):
            # No hostile name is worth a lost page: the number is enough to find the rest.
            mail = self._mail(f"Tocsin alert {self._message.notice.alert_id}")
        return mail.as_bytes()

    def _mail(self, subject: str) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        for name, value in self._headers(subject).items():
            mail[name] = value
        mail.set_content(self._message.rendered.text)
        mail.add_alternative(self._message.rendered.html, subtype="html")
        return mail

    def _headers(self, subject: str) -> dict[str, object]:
        domain = _domain(self._sender)
        root = f"<tocsin-incident-{self._message.incident_key}@{domain}>"
        headers: dict[str, object] = {
            "From": Address("Tocsin", addr_spec=self._sender),
            "To": [Address(addr_spec=address) for address in self._to],
            "Subject": subject,
            "Date": format_datetime(datetime.now(UTC)),
            "Message-ID": message_id(self._message, self._sender),
            # One made-up root keeps an incident together even where its first mail never arrived.
            "References": " ".join([root, *filter(None, [self._message.thread])]),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "Precedence": "bulk",
            "List-Id": f"Tocsin alerts <alerts.tocsin.{domain}>",
            "X-Tocsin-Alert": str(self._message.notice.alert_id),
            "X-Tocsin-Severity": self._message.severity.value,
            "X-Tocsin-Event": self._message.kind.value,
        }
        if self._message.thread is not None:
            headers["In-Reply-To"] = self._message.thread
        if self._message.severity is Severity.CRITICAL and self._message.kind in URGENT:
            headers |= {"Importance": "high", "X-Priority": "1"}
        return headers


def _intact(mail: EmailMessage) -> bool:
    """Whether the bytes, read as a server would read them, have the headers that were set, each once."""
    expected = Counter(name.lower() for name in mail)
    read = message_from_bytes(mail.as_bytes(), policy=compat32)
    return Counter(name.lower() for name in read) == expected and not read.defects


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2]
