"""Slack: threads, what rings in the channel, and the plain text when Slack does not like the layout."""

import json
from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr

from domain.alerts import EventKind
from notifications.channels.base import Channel, Edit, Message
from notifications.channels.slack_bot import SlackBot
from notifications.channels.slack_message import REFUSED_LAYOUT
from notifications.keepsake import read, written
from notifications.rendering import Rendered
from notifications.slack_buttons import Answerable, Button
from notifications.slack_charts import slack_chart
from notifications.socket_mode.presses import press
from tests.notifications.examples import FULL, message, notice
from tests.notifications.failing import failure
from tests.notifications.rigs import SlackBotRig, SlackWebhookRig
from tests.standins.behaviour import answer
from tests.standins.slack import TOKEN, Post, SlackStandIn
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
    assert len(slack.requests) == 3  # with the chart, without it, in plain text
    assert len(slack.posts) == 1
    assert "CRITICAL web-1 cpu 97.2 %" in shown(slack.posts[0].message)
    assert "tocsin alerts ack 123" in shown(slack.posts[0].message)
    assert rig.effects() == []


@pytest.mark.parametrize("error", sorted(REFUSED_LAYOUT))
async def test_every_name_that_slack_has_for_a_bad_layout_leads_to_the_plain_text(
    slack: SlackStandIn, error: str
) -> None:
    slack.script += [answer(400, error)] * 2
    await SlackWebhookRig(slack).channel.send(message())
    slack.script += [answer(200, json.dumps({"ok": False, "error": error}))] * 2
    await SlackBotRig(slack).channel.send(message())
    assert ["blocks" in post.message for post in slack.posts] == [False, False]


async def test_a_plain_text_that_is_refused_as_well_is_permanent(slack: SlackStandIn) -> None:
    slack.script += [answer(400, "invalid_blocks")] * 2 + [answer(400, "invalid_payload")]
    failed = await failure(SlackWebhookRig(slack).channel, message())
    assert failed.permanent
    assert len(slack.requests) == 3


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


def kinds(post: Post) -> list[str]:
    """The blocks above the coloured bar."""
    return [block["type"] for block in post.message["blocks"]]


@pytest.mark.parametrize("kind", ["slack-webhook", "slack-bot"])
async def test_the_last_hour_is_a_chart_where_the_workspace_takes_it(slack: SlackStandIn, kind: str) -> None:
    rig = SlackBotRig(slack) if kind == "slack-bot" else SlackWebhookRig(slack)
    await rig.channel.send(message())
    assert kinds(slack.posts[0]) == ["header", "section", "data_visualization"]
    [chart] = slack.posts[0].message["blocks"][2:]
    assert [line["name"] for line in chart["chart"]["series"]] == ["highest", "limit"]
    assert chart["chart"]["series"][1]["data"][0]["value"] == 90.0


@pytest.mark.parametrize("kind", ["slack-webhook", "slack-bot"])
async def test_a_workspace_without_charts_is_asked_once_and_then_spared(kind: str) -> None:
    with SlackStandIn(charts=False) as old:
        channel: Channel = (SlackBotRig(old) if kind == "slack-bot" else SlackWebhookRig(old)).channel
        for _ in range(3):
            await channel.send(message())
        assert [kinds(post) for post in old.posts] == [["header", "section"]] * 3
        assert len(old.requests) == 4


async def test_a_layout_that_was_wrong_for_another_reason_takes_no_chart_away(slack: SlackStandIn) -> None:
    rig = SlackBotRig(slack)
    await rig.channel.send(misshapen({"blocks": [{"type": "carousel"}]}))
    await rig.channel.send(message())
    assert "data_visualization" in kinds(slack.posts[-1])


@pytest.mark.parametrize("gap", [0, 59])
def test_an_hour_with_a_gap_has_no_chart_as_it_would_be_drawn_as_a_number(gap: int) -> None:
    trend = FULL.background.trend
    assert trend is not None
    values = [None] * 60 if gap else [*trend.values[:3], *[None] * 3, *trend.values[6:]]
    holey = replace(FULL, background=replace(FULL.background, trend=replace(trend, values=tuple(values))))
    assert slack_chart(holey) is None
    assert slack_chart(FULL) is not None


def answered(slack: SlackStandIn) -> Channel:
    """A bot behind whose buttons somebody listens."""
    return SlackBot(SecretStr(TOKEN), "#ops", slack.api_url, buttons=True)


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, ["Acknowledge", "Silence 1 h"]),
        ({"kind": EventKind.ACKNOWLEDGED, "acknowledged_by": "ada"}, ["Silence 1 h"]),
        ({"kind": EventKind.RESOLVED}, []),
    ],
)
async def test_an_open_alert_has_buttons_and_what_is_taken_or_over_has_not(
    slack: SlackStandIn, changes: dict[str, Any], offered: list[str]
) -> None:
    await answered(slack).send(message(**changes))
    rows = [block for block in slack.posts[0].message["blocks"] if block["type"] == "actions"]
    buttons = [button for row in rows for button in row["elements"]]
    assert [button["text"]["text"] for button in buttons] == offered
    assert {button["value"] for button in buttons} <= {"123"}


async def test_a_press_of_a_button_that_was_sent_is_understood(slack: SlackStandIn) -> None:
    await answered(slack).send(message())
    [row] = [block for block in slack.posts[0].message["blocks"] if block["type"] == "actions"]
    for sent, button in zip(row["elements"], Button, strict=True):
        payload = {
            "type": "block_actions",
            "user": {"id": "U1"},
            "actions": [sent],
            "response_url": "https://hooks.slack.com/actions/x",
        }
        pressed = press({"type": "interactive", "payload": payload})
        assert pressed is not None
        assert (pressed.button, pressed.alert_id) == (button, 123)


async def test_nobody_listens_so_there_is_nothing_to_press(bot_rig: SlackBotRig, slack: SlackStandIn) -> None:
    await bot_rig.channel.send(message())
    assert "actions" not in kinds(slack.posts[0])


async def test_a_message_that_is_edited_keeps_its_chart_and_loses_its_buttons(slack: SlackStandIn) -> None:
    bot = answered(slack)
    assert isinstance(bot, SlackBot)
    first = await bot.send(message())
    taken = Edit(
        place=str(first.place),
        provider_id=str(first.provider_id),
        rendered=read(written(message().rendered)),
        where="tocsin alerts show 123",
        answerable=Answerable(123, taken=True),
    )
    await bot.edit(taken)
    assert "Silence 1 h" in shown(slack.posts[0].message)
    assert "Acknowledge" not in shown(slack.posts[0].message)
    await bot.edit(replace(taken, answerable=None))
    assert kinds(slack.posts[0]) == ["header", "section", "data_visualization"]
