"""Mail: headers that make a conversation of an incident, and security that is chosen and not hoped for."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.channels.base import Message
from notifications.channels.email import Email
from notifications.channels.mail import Mail, message_id
from notifications.digest import Digest
from notifications.examples import EXAMPLES
from notifications.notice import Notice
from notifications.wording import measured
from tests.notifications.examples import FULL, RENDERER, message, notice
from tests.notifications.failing import failure
from tests.notifications.hostile import NAMES
from tests.notifications.markup import words
from tests.notifications.rigs import RECIPIENT, SENDER, EmailRig, smtp
from tests.standins.certificates import certificate
from tests.standins.mailbox import Mailbox, Step
from tests.standins.refusing import closed_port

BOTH = (RECIPIENT, "ben@example.com")


async def sent(rig: EmailRig, **changes: object) -> EmailMessage:
    await rig.channel.send(rig.message(**changes))
    return rig.mailbox.mails[-1].message


async def test_each_recipient_has_an_envelope_and_all_are_shown(mail_rig: EmailRig) -> None:
    mail = await sent(mail_rig)
    assert mail_rig.mailbox.mails[0].recipients == (RECIPIENT,)
    assert mail["To"] == "anna@example.com, ben@example.com"
    assert mail["From"] == "Tocsin CRITICAL <tocsin@alerts.example>"


async def test_one_refused_recipient_does_not_keep_the_other_from_hearing(mail_rig: EmailRig) -> None:
    mail_rig.mailbox.script[Step.RCPT].append("550 5.1.1 no such user")
    failed = await failure(mail_rig.channel, message("nobody@example.com"))
    await mail_rig.channel.send(message("ben@example.com"))
    assert failed.permanent
    assert [mail.recipients for mail in mail_rig.mailbox.mails] == [("ben@example.com",)]


async def test_a_copy_has_the_same_message_id_and_another_delivery_has_not(mail_rig: EmailRig) -> None:
    ids = [(await sent(mail_rig, delivery_id=number))["Message-ID"] for number in (7, 7, 8)]
    assert ids[0] == ids[1] != ids[2]


def test_the_same_numbers_in_another_database_are_another_message() -> None:
    first = message()
    later = message(opened_at=first.notice.opened_at.replace(year=2027))
    assert message_id(first, SENDER) != message_id(later, SENDER)


async def test_the_receipt_names_the_message_id(mail_rig: EmailRig) -> None:
    receipt = await mail_rig.channel.send(mail_rig.message())
    assert receipt.provider_id == mail_rig.mailbox.mails[0].message["Message-ID"]


async def test_an_incident_is_one_conversation(mail_rig: EmailRig) -> None:
    first = await sent(mail_rig)
    await mail_rig.channel.send(message(RECIPIENT, thread=first["Message-ID"], kind=EventKind.RESOLVED))
    over = mail_rig.mailbox.mails[-1].message
    root = first["References"]
    assert over["References"] == f"{root} {first['Message-ID']}"
    assert over["In-Reply-To"] == first["Message-ID"]
    assert "In-Reply-To" not in first


async def test_another_incident_is_another_conversation(mail_rig: EmailRig) -> None:
    mine = (await sent(mail_rig))["References"]
    assert (await sent(mail_rig, incident_id=121))["References"] != mine
    assert (await sent(mail_rig, host="web-2"))["References"] != mine
    assert (await sent(mail_rig, delivery_id=9))["References"] == mine


EVERY = [pytest.param(example, id=name) for name, example in EXAMPLES.items()]
LONG = "db-3.eu-west-1.compute.internal.example.com" * 3


def sent_for(example: Notice | Digest, **changes: Any) -> EmailMessage:
    """The mail that brings an example, as it is read again."""
    if isinstance(example, Digest):
        letter = Message.gathered(example, RENDERER.render_digest(example))
    else:
        told = replace(example, **changes)
        letter = Message.of(told, RENDERER.render(told))
    read = message_from_bytes(Mail(letter, SENDER, BOTH).as_bytes(), policy=default)
    assert isinstance(read, EmailMessage)
    return read


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("kind", EventKind)
def test_all_mails_of_an_incident_have_one_subject(kind: EventKind) -> None:
    mail = sent_for(notice(kind), value=12.3, threshold=80.0, acknowledged_by="anna")
    assert mail["Subject"] == "web-1 cpu [incident 120]"


@pytest.mark.parametrize("example", EVERY)
@pytest.mark.parametrize("host", [None, LONG])
def test_subject_and_beginning_say_how_bad_where_and_how_much(
    example: Notice | Digest, host: str | None
) -> None:
    """A phone shows about 120 characters of both together."""
    changes = {} if host is None else {"host": host, "component": f"disk:/{LONG}"}
    mail = sent_for(example, **changes)
    for first_line in (part(mail, "plain").splitlines()[0], words(part(mail, "html"))):
        shown = f"{mail['Subject']} {first_line}"[:120]
        assert re.search("CRITICAL|WARNING|RESOLVED", shown)
        if isinstance(example, Notice):
            value = measured(example)
            assert value in shown
            assert (LONG[:4] if host else example.host) in shown
            assert ("disk" if host else example.component) in shown


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("opened", "Tocsin CRITICAL"),
        ("eased", "Tocsin WARNING"),
        ("acknowledged", "Tocsin ACKNOWLEDGED"),
        ("resolved", "Tocsin RESOLVED"),
        ("drill", "Tocsin DRILL CRITICAL"),
        ("digest", "Tocsin CRITICAL"),
    ],
)
def test_the_name_of_the_sender_says_how_things_stand(name: str, sender: str) -> None:
    assert sent_for(EXAMPLES[name])["From"].addresses[0].display_name == sender


@pytest.mark.parametrize("example", EVERY)
def test_the_chart_is_in_the_mail_where_the_page_shows_it(example: Notice | Digest) -> None:
    mail = sent_for(example)
    pictures = [p for p in mail.walk() if p.get_content_type() == "image/png"]
    assert len(pictures) == part(mail, "html").count('src="cid:chart"')
    for drawn in pictures:
        assert drawn["Content-ID"] == "<chart>"
        assert drawn.get_content_disposition() == "inline"
        assert drawn.get_payload(decode=True).startswith(b"\x89PNG")  # type: ignore[union-attr]


def test_a_chart_that_cannot_be_drawn_leaves_its_description(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing is a library's work; here it is told to fail."""
    monkeypatch.setattr("notifications.pictures.png", _broken)
    with capture_logs() as logs:
        mail = sent_for(FULL)
    assert [p.get_content_type() for p in mail.walk()].count("image/png") == 0
    assert 'alt="29.8 % to 97.2 %' in part(mail, "html")
    assert [entry["event"] for entry in logs] == ["picture.broken"]


def _broken(_chart: object) -> bytes:
    raise RuntimeError("no font")


async def test_machines_are_told_that_a_machine_writes(mail_rig: EmailRig) -> None:
    mail = await sent(mail_rig)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "bulk"
    assert mail["List-Id"] == "Tocsin alerts <alerts.tocsin.alerts.example>"
    assert mail["Date"].datetime.tzinfo is not None


@pytest.mark.parametrize(
    ("kind", "severity", "urgent"),
    [
        (EventKind.OPENED, Severity.CRITICAL, True),
        (EventKind.ESCALATED, Severity.CRITICAL, True),
        (EventKind.OPENED, Severity.WARNING, False),
        (EventKind.RESOLVED, Severity.CRITICAL, False),
    ],
)
async def test_only_a_critical_that_needs_somebody_is_marked_important(
    mail_rig: EmailRig, kind: EventKind, severity: Severity, *, urgent: bool
) -> None:
    mail = await sent(mail_rig, kind=kind, severity=severity)
    assert ("Importance" in mail, "X-Priority" in mail) == (urgent, urgent)
    assert mail["X-Tocsin-Severity"] == severity.value


async def test_text_and_page_are_alternatives_and_the_page_has_its_picture(mail_rig: EmailRig) -> None:
    mail = await sent(mail_rig)
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.walk()][1:]
    assert kinds == ["text/plain", "multipart/related", "text/html", "image/png"]
    assert max(map(len, mail_rig.mailbox.mails[0].raw.splitlines())) < 998


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_no_name_adds_a_header_or_another_recipient(text: str) -> None:
    example = message(RECIPIENT)
    hostile = replace(example, rendered=replace(example.rendered, subject=text))
    plain = Mail(example, SENDER, BOTH).as_bytes()
    assert heads(Mail(hostile, SENDER, BOTH).as_bytes()) == heads(plain)


def heads(mail: bytes) -> list[bytes]:
    """The names of the headers, as a server finds them in unfolded lines."""
    head = mail.partition(b"\r\n\r\n")[0]
    lines = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").splitlines()
    return [line.partition(b":")[0].lower() for line in lines]


def test_a_subject_that_gets_past_the_sanitiser_does_not_go_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second line of defence, with the first taken away: Python may decode what it should encode."""
    monkeypatch.setattr("notifications.channels.mail.header", lambda text: text)
    example = message(RECIPIENT)
    hostile = replace(example, rendered=replace(example.rendered, subject=NAMES["header-emoji"]))
    unguarded = EmailMessage(policy=SMTP)
    unguarded["Subject"] = NAMES["header-emoji"]
    guarded = Mail(hostile, SENDER, BOTH).as_bytes()
    assert heads(guarded) == heads(Mail(example, SENDER, BOTH).as_bytes())
    if b"bcc" in heads(unguarded.as_bytes()):
        assert b"Subject: Tocsin alert 123\r\n" in guarded


async def test_mail_goes_out_encrypted_where_that_was_chosen(mail_rig: EmailRig) -> None:
    await mail_rig.channel.send(mail_rig.message())
    assert mail_rig.mailbox.mails[0].encrypted


async def test_mail_is_never_sent_in_clear_to_a_server_without_starttls() -> None:
    with Mailbox(starttls=False, login=False) as mailbox:
        failed = await failure(Email(smtp(mailbox), SENDER, BOTH), message(RECIPIENT))
        assert mailbox.mails == []
    assert failed.permanent
    assert "STARTTLS" in failed.reason


@pytest.mark.parametrize("fault", ["unknown authority", "expired", "another host"])
async def test_a_certificate_that_proves_nothing_is_permanent(fault: str) -> None:
    host = "127.0.0.9" if fault == "another host" else "127.0.0.1"
    identity = certificate(host=host, expired=fault == "expired")
    with Mailbox(identity=identity) as mailbox:
        trust = None if fault == "unknown authority" else identity.client()
        failed = await failure(Email(smtp(mailbox, tls=trust), SENDER, BOTH), message(RECIPIENT))
        assert mailbox.mails == []
    assert (failed.permanent, failed.ambiguous) == (True, False)
    assert "certificate" in failed.reason


async def test_a_relay_without_encryption_and_password_can_be_chosen() -> None:
    with Mailbox(starttls=False, login=False) as mailbox:
        relay = smtp(mailbox, security="none", username=None, password=None)
        await Email(relay, SENDER, BOTH).send(message(RECIPIENT))
        assert not mailbox.mails[0].encrypted


async def test_a_wrong_password_is_permanent_and_not_shown(mailbox: Mailbox) -> None:
    wrong = smtp(mailbox, password=SecretStr("not-the-one"))
    failed = await failure(Email(wrong, SENDER, BOTH), message(RECIPIENT))
    assert failed.permanent
    assert "535" in failed.reason
    assert "not-the-one" not in failed.reason


async def test_a_server_that_is_away_is_temporary(mailbox: Mailbox) -> None:
    for changes in ({"port": closed_port()}, {"host": "no-such-host.invalid"}):
        failed = await failure(Email(smtp(mailbox, **changes), SENDER, BOTH), message(RECIPIENT))
        assert (failed.permanent, failed.ambiguous) == (False, False)


async def test_tls_from_the_first_byte_is_not_spoken_to_a_server_that_does_not(mailbox: Mailbox) -> None:
    failed = await failure(Email(smtp(mailbox, security="tls"), SENDER, BOTH), message(RECIPIENT))
    assert not failed.ambiguous
    assert mailbox.mails == []


@pytest.mark.parametrize(
    "address", ["nobody", "ö@example.com", "a@b@c", "a b@example.com", "a@example.com\r\nX: 1"]
)
async def test_an_address_that_is_none_is_permanent(mailbox: Mailbox, address: str) -> None:
    failed = await failure(Email(smtp(mailbox), SENDER, (address,)), message(address))
    assert (failed.permanent, failed.ambiguous) == (True, False)
    assert mailbox.mails == []


async def test_without_a_recipient_the_first_address_hears_it(mail_rig: EmailRig) -> None:
    await mail_rig.channel.send(message())
    assert mail_rig.mailbox.mails[0].recipients == (RECIPIENT,)
