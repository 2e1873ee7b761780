"""What becomes of a page when the mail server does not simply take it, from the alert to the outbox."""

from datetime import timedelta

import pytest

from tests.scenarios.office import Office, mail_channel, mail_to
from tests.standins.mailbox import Fault, Mailbox, Step


@pytest.fixture
def office(office: Office) -> Office:
    """Only ada is told, by mail."""
    office.with_destinations(mail_to("ada@example.com"))
    return office


def message_ids(office: Office) -> list[str]:
    return [str(mail.message["Message-ID"]) for mail in office.mailbox.mails]


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        (Step.GREETING, "421 4.3.2 shutting down"),
        (Step.MAIL, "421 4.3.2 shutting down"),
        (Step.MAIL, "451 4.3.0 try later"),
        (Step.RCPT, "450 4.2.1 mailbox busy"),
        (Step.TAKEN, "451 4.3.0 try later"),
        (Step.TAKEN, "452 4.3.1 disk full"),
    ],
)
def test_a_temporary_refusal_is_tried_again_and_sent_once(office: Office, step: Step, reply: str) -> None:
    office.mailbox.script[step].append(reply)
    office.ring()
    [row] = office.rows()
    assert row.state == "pending"
    assert reply[:3] in row.reason
    office.forward(seconds=7)
    assert office.attempts("email") == ["retry", "delivered"]
    [mail] = office.mailbox.mails
    assert "second copy" not in mail.part("plain")


@pytest.mark.parametrize(
    ("step", "reply"),
    [
        (Step.RCPT, "550 5.1.1 no such user"),
        (Step.MAIL, "553 5.1.8 sender refused"),
        (Step.TAKEN, "554 5.7.1 spam"),
        (Step.AUTH, "535 5.7.8 bad credentials"),
    ],
    ids=["recipient", "sender", "content", "password"],
)
def test_a_final_refusal_is_dead_at_once_and_says_why(office: Office, step: Step, reply: str) -> None:
    office.mailbox.script[step].extend([reply] * 3)  # a password is offered in each way that there is
    office.ring()
    office.minutes(10)
    assert office.mailbox.visits == 1
    [row] = office.rows()
    assert row.state == "dead"
    assert reply[:3] in row.reason
    assert office.attempts("email") == ["permanent"]


def test_one_unknown_recipient_is_dead_and_the_other_gets_the_mail(office: Office) -> None:
    office.with_destinations(mail_to("nobody@example.com", "ada@example.com"))
    office.quietly()
    office.mailbox.script[Step.RCPT].append("550 5.1.1 no such user")
    office.deliver()
    assert sorted(row.state for row in office.rows()) == ["dead", "delivered"]
    assert len(office.mailbox.mails) == 1


def test_nothing_is_sent_in_clear_where_encryption_is_refused(office: Office) -> None:
    office.mailbox.script[Step.STARTTLS].append("454 4.7.0 not now")
    office.ring()
    assert office.in_mail() == []
    assert office.attempts("email") in (["retry"], ["permanent"])


def test_a_server_that_cannot_encrypt_is_dead_at_once_and_gets_nothing(office: Office) -> None:
    with Mailbox(starttls=False, login=False) as plain:
        office.channels = {"email": mail_channel(plain)}
        office.ring()
        office.minutes(10)
        assert (plain.visits, plain.mails) == (1, [])
    assert office.states() == {"dead": 1}


def test_a_connection_lost_within_the_mail_is_tried_again_under_the_same_name(office: Office) -> None:
    office.mailbox.script[Step.READING].append(Fault.DROP)
    office.ring()
    office.forward(seconds=7)
    assert office.attempts("email") == ["ambiguous", "delivered"]
    [mail] = office.mailbox.mails
    assert "This may be a second copy" in mail.part("plain")


def test_a_server_that_is_gone_before_it_says_goodbye_has_taken_the_mail(office: Office) -> None:
    office.mailbox.script[Step.QUIT].append(Fault.DROP)
    office.ring()
    office.minutes(10)
    assert office.attempts("email") == ["delivered"]
    assert len(office.mailbox.mails) == 1


def test_a_hang_ends_with_the_deadline(office: Office) -> None:
    office.deadline = timedelta(seconds=0.3)
    office.mailbox.script[Step.MAIL].append(Fault.HANG)
    office.ring()
    assert office.rows()[0].reason == "to be tried again: no answer within 0.3 seconds"
    office.deadline = timedelta(seconds=20)
    office.forward(seconds=7)
    assert office.states() == {"delivered": 1}


def test_a_connection_lost_after_the_last_dot_gives_one_copy_of_the_same_message_id(office: Office) -> None:
    office.mailbox.script[Step.TAKEN].append(Fault.DROP)
    office.ring()
    office.forward(seconds=7)
    first, second = office.mailbox.mails
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert "second copy" not in first.part("plain")
    assert "This may be a second copy" in second.part("plain")
    assert office.attempts("email") == ["ambiguous", "delivered"]


def test_two_alerts_have_two_message_ids(office: Office) -> None:
    office.ring(2)
    assert len(set(message_ids(office))) == 2
