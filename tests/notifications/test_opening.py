"""Each destination of the policy has its channel, and the console writes to any terminal."""

import io

import pytest
from pydantic import SecretStr

import policy
from notifications.channels.base import Channel
from notifications.channels.console import Console
from notifications.channels.opening import open_channel
from tests.notifications.examples import message
from tests.notifications.failing import failure
from tests.notifications.rigs import RECIPIENT, SENDER
from tests.standins.http import HttpStandIn
from tests.standins.mailbox import Mailbox
from tests.standins.slack import TOKEN, SlackStandIn


def opened(destination: policy.AnyDestination) -> Channel:
    return open_channel(destination, io.StringIO())


async def test_both_ways_into_slack_lead_there(slack: SlackStandIn) -> None:
    hook = policy.SlackWebhook(name="a", url=SecretStr(slack.webhook_url))
    bot = policy.SlackBot(name="b", token=SecretStr(TOKEN), channel="#ops", api_url=slack.api_url)
    for destination in (hook, bot):
        await opened(destination).send(message())
    assert len(slack.posts) == 2


async def test_mail_is_handed_in_as_the_destination_says() -> None:
    with Mailbox(starttls=False, login=False) as mailbox:
        destination = policy.Email(
            name="mail", to=(RECIPIENT,), sender=SENDER, host="127.0.0.1", port=mailbox.port, security="none"
        )
        await opened(destination).send(message(RECIPIENT))
        assert mailbox.mails[0].sender == SENDER


@pytest.mark.parametrize(("hide", "seen"), [(False, [RECIPIENT, "ben@example.com"]), (True, [RECIPIENT])])
async def test_who_shares_a_destination_is_seen_by_the_others_unless_it_hides_them(
    hide: bool,  # noqa: FBT001 - the table's column
    seen: list[str],
) -> None:
    with Mailbox(starttls=False, login=False) as mailbox:
        destination = policy.Email(
            name="mail",
            to=(RECIPIENT, "ben@example.com"),
            hide_recipients=hide,
            sender=SENDER,
            host="127.0.0.1",
            port=mailbox.port,
            security="none",
        )
        await opened(destination).send(message(RECIPIENT))
        assert mailbox.mails[0].recipients == (RECIPIENT,)
        assert [one.addr_spec for one in mailbox.mails[0].message["To"].addresses] == seen
        assert ("ben@example.com" in mailbox.mails[0].message.as_string()) is not hide


async def test_a_webhook_on_this_machine_is_allowed_where_it_is_written_out(sink: HttpStandIn) -> None:
    await opened(policy.Webhook(name="sink", url=SecretStr(sink.url()))).send(message())
    assert len(sink.requests) == 1


async def test_a_webhook_leads_inside_where_its_destination_allows_it(sink: HttpStandIn) -> None:
    """The hexadecimal address stands for any name that leads inside."""
    url = SecretStr(sink.url().replace("127.0.0.1", "0x7f000001"))
    refused = await failure(opened(policy.Webhook(name="sink", url=url)), message())
    assert refused.permanent
    assert sink.requests == []
    await opened(policy.Webhook(name="sink", url=url, allow_private=True)).send(message())
    assert len(sink.requests) == 1


async def test_the_console_is_the_stream_that_was_given() -> None:
    stream = io.StringIO()
    await open_channel(policy.Console(name="console"), stream).send(message())
    assert "CRITICAL web-1" in stream.getvalue()


async def test_a_terminal_that_knows_only_ascii_gets_the_page_all_the_same() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")
    await Console(terminal).send(message(host="größe 💥"))
    assert b"CRITICAL gr??e ?" in raw.getvalue()


async def test_a_console_that_is_gone_is_a_temporary_failure() -> None:
    closed = io.StringIO()
    closed.close()
    failed = await failure(Console(closed), message())
    assert not failed.permanent
    assert failed.__context__ is None


@pytest.mark.parametrize("error", [BrokenPipeError(), OSError(28, "No space left on device")])
async def test_a_console_that_cannot_write_says_so(error: OSError) -> None:
    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise error

    assert "cannot be written to" in (await failure(Console(Full()), message())).reason
