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
from notifications.pictures import picture
from notifications.rendering import Rendered
from notifications.wording import is_over

SUBJECT = 250
CHART = "cid:chart"
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


def state(message: Message) -> str:
    """How things stand, in the one or two words that fit into a sender's name."""
    if message.digest is not None:
        over, drill = message.digest.over, message.digest.is_drill
    else:
        over, drill = is_over(message.notice), message.notice.is_drill
    acknowledged = message.kind is EventKind.ACKNOWLEDGED and message.digest is None
    severity = message.digest.severity if message.digest else message.severity
    word = "RESOLVED" if over else "ACKNOWLEDGED" if acknowledged else severity.value.upper()
    return f"DRILL {word}" if drill else word


def text(rendered: Rendered) -> str:
    """The text as it follows a subject: its first line is what a phone shows, and says no name again."""
    if rendered.preheader and rendered.text.startswith(rendered.summary):
        return rendered.preheader + rendered.text.removeprefix(rendered.summary)
    return rendered.text


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
        mail.set_content(text(self._message.rendered))
        mail.add_alternative(self._message.rendered.html, subtype="html")
        self._illustrate(mail)
        return mail

    def _illustrate(self, mail: EmailMessage) -> None:
        """The chart as a part of the page that shows it; where it cannot be drawn, its description stands."""
        chart = picture(self._message.notice) if CHART in self._message.rendered.html else None
        if chart is not None:
            [_, page] = mail.iter_parts()
            page.add_related(
                chart, "image", "png", cid="<chart>", disposition="inline", filename="last-hour.png"
            )

    def _headers(self, subject: str) -> dict[str, object]:
        domain = _domain(self._sender)
        root = f"<tocsin-incident-{self._message.incident_key}@{domain}>"
        headers: dict[str, object] = {
            # The subject stays the same, so the sender's name says in every list of mails how things stand.
            "From": Address(f"Tocsin {state(self._message)}", addr_spec=self._sender),
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
