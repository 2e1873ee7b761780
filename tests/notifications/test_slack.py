"""Slack: threads, what rings in the channel, and the plain text when Slack does not like the layout."""

import json
from dataclasses import replace

import pytest
from pydantic import SecretStr

from domain.alerts import EventKind
from notifications.channels.base import Channel, Message
from notifications.channels.slack_bot import SlackBot
from notifications.channels.slack_message import REFUSED_LAYOUT
from notifications.rendering import Rendered
from tests.notifications.examples import message, notice
from tests.notifications.failing import failure
from tests.notifications.rigs import SlackBotRig, SlackWebhookRig
from tests.standins.behaviour import answer
from tests.standins.slack import TOKEN, SlackStandIn
from tests.standins.slack_view import shown


async def test_the_first_message_of_an_incident_begins_a_thread(
    bot_rig: SlackBotRig, slack: SlackStandIn
) -> None:
    first = await bot_rig.channel.send(message())
    again = await bot_rig.channel.send(message(kind=EventKind.WORSENED, thread=first.provider_id))
    assert first.provider_id == slack.posts[0].ts
    assert again.provider_id == slack.posts[1].ts
    assert [post.thread_ts for post in slack.posts] == [None, first.provider_id]


@pytest.mark.parametrize("kind", EventKind)
async def test_what_must_not_be_missed_is_shown_in_the_channel_too(
    bot_rig: SlackBotRig, slack: SlackStandIn, kind: EventKind
) -> None:
    first = await bot_rig.channel.send(message())
    await bot_rig.channel.send(message(kind=kind, thread=first.provider_id))
    quiet = kind in {EventKind.EASED, EventKind.ACKNOWLEDGED, EventKind.NOTED}
    assert slack.posts[1].broadcast is not quiet


async def test_a_thread_whose_first_message_is_gone_does_not_swallow_the_page(
    bot_rig: SlackBotRig, slack: SlackStandIn
) -> None:
    first = await bot_rig.channel.send(message())
    slack.delete(str(first.provider_id))
    receipt = await bot_rig.channel.send(message(kind=EventKind.RESOLVED, thread=first.provider_id))
    assert "its first message is gone" in receipt.answer
    assert slack.posts[0].thread_ts is None


async def test_a_recipient_goes_before_the_channel_of_the_destination(
    bot_rig: SlackBotRig, slack: SlackStandIn
) -> None:
    await bot_rig.channel.send(message("#quiet"))
    assert slack.posts[0].channel == "C0STANDIN02"


async def test_a_copy_can_be_told_by_its_key(bot_rig: SlackBotRig, slack: SlackStandIn) -> None:
    for _ in range(2):
        await bot_rig.channel.send(message())
    keys = {json.dumps(post.message["metadata"]["event_payload"]) for post in slack.posts}
    assert len(keys) == 1
    assert "456-" in keys.pop()


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        ("invalid_auth", True),
        ("token_revoked", True),
        ("channel_not_found", True),
        ("is_archived", True),
        ("not_in_channel", True),
        ("missing_scope", True),
        ("ratelimited", False),
        ("internal_error", False),
        ("an_error_of_next_year", False),
    ],
)
async def test_the_bot_knows_from_the_error_whether_trying_again_can_help(
    bot_rig: SlackBotRig, error: str, *, permanent: bool
) -> None:
    bot_rig.server.script.append(answer(200, json.dumps({"ok": False, "error": error})))
    failed = await failure(bot_rig.channel, message())
    assert failed.permanent is permanent
    assert error in failed.reason


async def test_a_wrong_token_and_a_channel_that_is_not_there_are_permanent(slack: SlackStandIn) -> None:
    for token, channel, words in (
        ("xoxb-wrong", "#ops", "invalid_auth"),
        (TOKEN, "#nowhere", "channel_not_found"),
    ):
        failed = await failure(SlackBot(SecretStr(token), channel, slack.api_url), message())
        assert failed.permanent
        assert words in failed.reason


def misshapen(layout: dict[str, object]) -> Message:
    """A message with a layout that Slack does not take, as a template of an operator's own may make it."""
    whole = message()
    rendered = replace(whole.rendered, slack={"text": "x", "attachments": [], **layout})
    return replace(whole, rendered=rendered)


@pytest.mark.parametrize("kind", ["slack-webhook", "slack-bot"])
async def test_the_plain_text_goes_out_when_slack_refuses_the_layout(slack: SlackStandIn, kind: str) -> None:
    rig = SlackBotRig(slack) if kind == "slack-bot" else SlackWebhookRig(slack)
    await rig.channel.send(misshapen({"blocks": [{"type": "carousel"}]}))
    assert len(slack.requests) == 2
    assert len(slack.posts) == 1
    assert "CRITICAL web-1 cpu 97.2 %" in shown(slack.posts[0].message)
    assert "tocsin alerts ack 123" in shown(slack.posts[0].message)
    assert rig.effects() == []


@pytest.mark.parametrize("error", sorted(REFUSED_LAYOUT))
async def test_every_name_that_slack_has_for_a_bad_layout_leads_to_the_plain_text(
    slack: SlackStandIn, error: str
) -> None:
    slack.script.append(answer(400, error))
    await SlackWebhookRig(slack).channel.send(message())
    slack.script.append(answer(200, json.dumps({"ok": False, "error": error})))
    await SlackBotRig(slack).channel.send(message())
    assert ["blocks" in post.message for post in slack.posts] == [False, False]


async def test_a_plain_text_that_is_refused_as_well_is_permanent(slack: SlackStandIn) -> None:
    slack.script += [answer(400, "invalid_blocks"), answer(400, "invalid_payload")]
    failed = await failure(SlackWebhookRig(slack).channel, message())
    assert failed.permanent
    assert len(slack.requests) == 2


@pytest.mark.parametrize("kind", ["slack-webhook", "slack-bot"])
async def test_a_message_without_a_layout_goes_out_as_text(slack: SlackStandIn, kind: str) -> None:
    channel: Channel = (SlackBotRig(slack) if kind == "slack-bot" else SlackWebhookRig(slack)).channel
    bare = Rendered("it burns <!here>", "it burns", "it burns <!here> `x`", "", {})
    await channel.send(Message.of(notice(), bare))
    assert slack.posts[0].message["text"] == "```\nit burns &lt;!here&gt; 'x'\n```"


async def test_the_environment_cannot_send_pages_through_a_proxy(
    bot_rig: SlackBotRig, slack: SlackStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    await bot_rig.channel.send(message())
    await SlackWebhookRig(slack).channel.send(message())
    assert len(slack.posts) == 2


async def test_a_rate_limit_is_passed_on_and_not_slept_off() -> None:
    with SlackStandIn(per_second=1) as limited:
        channel = SlackWebhookRig(limited).channel
        await channel.send(message())
        failed = await failure(channel, message())
    assert failed.retry_after is not None
    assert failed.retry_after.total_seconds() == 1
    assert len(limited.requests) == 2
