"""What mail promises, tried with everything that a mail server may do."""

import asyncio
import logging
import traceback

import pytest

from tests.notifications.failing import failure
from tests.notifications.rigs import EmailRig
from tests.standins.mailbox import Fault, Step

SHORT = 0.4  # seconds that a patient caller waits in these tests

MAIL_FAILURES = [
    (Step.GREETING, "421 4.3.2 too busy", False),
    (Step.MAIL, "421 4.3.2 closing", False),
    (Step.MAIL, "451 4.3.0 try later", False),
    (Step.MAIL, "550 5.7.1 not from you", True),
    (Step.RCPT, "450 4.2.1 greylisted", False),
    (Step.RCPT, "550 5.1.1 no such user", True),
    (Step.TAKEN, "451 4.3.0 try later", False),
    (Step.TAKEN, "552 5.3.4 too big", True),
    (Step.STARTTLS, "454 4.7.0 not now", False),
    (Step.AUTH, "454 4.7.0 directory away", False),
    (Step.AUTH, "535 5.7.8 wrong password", True),
]


@pytest.mark.parametrize(("step", "reply", "permanent"), MAIL_FAILURES)
async def test_mail_knows_from_the_reply_whether_trying_again_can_help(
    mail_rig: EmailRig, step: Step, reply: str, *, permanent: bool
) -> None:
    # A client may try every way to log in that it knows, and gets the same reply to each.
    mail_rig.mailbox.script[step].extend([reply] * 3)
    error = await failure(mail_rig.channel, mail_rig.message())
    assert (error.permanent, error.ambiguous) == (permanent, False)
    assert reply[:3] in error.reason
    assert mail_rig.mailbox.mails == []


@pytest.mark.parametrize("step", [Step.GREETING, Step.STARTTLS, Step.AUTH, Step.MAIL, Step.RCPT])
async def test_mail_calls_a_connection_lost_before_the_mail_temporary(mail_rig: EmailRig, step: Step) -> None:
    mail_rig.mailbox.script[step].append(Fault.DROP)
    error = await failure(mail_rig.channel, mail_rig.message())
    assert (error.permanent, error.ambiguous) == (False, False)


@pytest.mark.parametrize(("step", "copies"), [(Step.READING, 0), (Step.TAKEN, 1)])
async def test_mail_calls_a_connection_lost_during_or_after_the_mail_ambiguous(
    mail_rig: EmailRig, step: Step, copies: int
) -> None:
    mail_rig.mailbox.script[step].append(Fault.DROP)
    error = await failure(mail_rig.channel, mail_rig.message())
    assert (error.permanent, error.ambiguous) == (False, True)
    assert len(mail_rig.mailbox.mails) == copies


@pytest.mark.parametrize("step", list(Step))
async def test_mail_lets_go_at_once_when_its_caller_has_waited_long_enough(
    mail_rig: EmailRig, step: Step
) -> None:
    mail_rig.mailbox.script[step].append(Fault.HANG)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SHORT):
            await mail_rig.channel.send(mail_rig.message())
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_mail_that_was_taken_is_delivered_though_the_server_does_not_say_goodbye(
    mail_rig: EmailRig,
) -> None:
    mail_rig.mailbox.script[Step.QUIT].append(Fault.DROP)
    receipt = await mail_rig.channel.send(mail_rig.message())
    assert receipt.answer.startswith("250")


async def test_mail_shows_no_secret_when_it_fails(
    mail_rig: EmailRig, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="aiosmtplib")
    mail_rig.mailbox.script[Step.AUTH].extend([f"535 5.7.8 not with {mail_rig.secrets[0]}"] * 3)
    error = await failure(mail_rig.channel, mail_rig.message())
    revealed = f"{error!r} {''.join(traceback.format_exception(error))} {caplog.text}"
    assert mail_rig.secrets[0] not in revealed
    assert error.__context__ is None
