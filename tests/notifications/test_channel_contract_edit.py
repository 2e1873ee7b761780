"""What a channel that edits promises of it, tried with everything that a server may do."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.channels.base import DeliveryError, Edit, Editor
from notifications.first_line import Stand, restated
from tests.notifications.examples import BREACH, OPENED, message
from tests.notifications.rigs import ALL, SlackBotRig, rig
from tests.standins.behaviour import answer, hang, reset
from tests.standins.slack import TOKEN, SlackStandIn
from tests.standins.slack_view import shown

TAKEN = Stand(
    kind=EventKind.ACKNOWLEDGED,
    severity=Severity.CRITICAL,
    at=BREACH + timedelta(minutes=8),
    actor="ada",
    opened_at=OPENED,
    sent_at=OPENED,
    taken_by="ada",
)


@pytest.fixture
def editor(bot_rig: SlackBotRig) -> Editor:
    assert isinstance(bot_rig.channel, Editor)
    return bot_rig.channel


async def sent(editor: Editor) -> Edit:
    """A message that was sent, as it is to be shown now that somebody has it."""
    first = message()
    receipt = await editor.send(first)
    assert receipt.place
    assert receipt.provider_id
    edited = restated(first.rendered, TAKEN)
    return Edit(place=receipt.place, provider_id=receipt.provider_id, rendered=edited, where=first.where)


async def refused(editor: Editor, edit: Edit) -> DeliveryError:
    with pytest.raises(DeliveryError) as raised:
        await editor.edit(edit)
    return raised.value


def test_only_a_bot_can_edit() -> None:
    editors = set()
    for name in ALL:
        with rig(name) as opened:
            editors |= {name} if isinstance(opened.channel, Editor) else set()
    assert editors == {"slack-bot"}


async def test_it_changes_the_message_and_sends_no_other(editor: Editor, slack: SlackStandIn) -> None:
    edit = await sent(editor)
    for _ in range(2):
        await editor.edit(edit)
        assert shown(slack.posts[0].message).startswith("## ACKNOWLEDGED by ada at 03:20 UTC\n")
    assert len(slack.posts) == 1


async def test_it_names_the_channel_by_its_id_as_slack_demands(editor: Editor, slack: SlackStandIn) -> None:
    await editor.edit(await sent(editor))
    posted, edited = (request.json for request in slack.requests)
    assert (posted["channel"], edited["channel"]) == ("#ops", "C0STANDIN01")


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        ("message_not_found", True),
        ("cant_update_message", True),
        ("edit_window_closed", True),
        ("channel_not_found", True),
        ("ratelimited", False),
        ("internal_error", False),
    ],
)
async def test_it_knows_whether_trying_again_can_help(
    editor: Editor, slack: SlackStandIn, error: str, *, permanent: bool
) -> None:
    edit = await sent(editor)
    slack.script.append(answer(200, json.dumps({"ok": False, "error": error})))
    failed = await refused(editor, edit)
    assert failed.permanent is permanent
    assert error in failed.reason


async def test_a_message_that_is_gone_is_said_to_be(editor: Editor, slack: SlackStandIn) -> None:
    edit = await sent(editor)
    slack.delete(edit.provider_id)
    assert "message_not_found" in (await refused(editor, edit)).reason


async def test_a_rate_limit_is_passed_on(editor: Editor, slack: SlackStandIn) -> None:
    edit = await sent(editor)
    slack.script.append(answer(429, "ratelimited", {"Retry-After": "30"}))
    failed = await refused(editor, edit)
    assert (failed.permanent, failed.retry_after) == (False, timedelta(seconds=30))


async def test_it_lets_go_when_its_caller_has_waited_long_enough(editor: Editor, slack: SlackStandIn) -> None:
    edit = await sent(editor)
    slack.script.append(hang)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.4):
            await editor.edit(edit)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_it_shows_no_secret_when_it_fails(editor: Editor, slack: SlackStandIn) -> None:
    edit = await sent(editor)
    for behaviour in (answer(500, f"cannot serve {TOKEN}"), reset):
        slack.script.append(behaviour)
        failed = await refused(editor, edit)
        assert failed.__context__ is None
        assert TOKEN not in f"{failed!r} {failed.reason}"


async def test_a_message_that_had_no_layout_gets_the_line_as_text(
    editor: Editor, slack: SlackStandIn
) -> None:
    edit = await sent(editor)
    bare = restated(replace(message().rendered, slack={}), TAKEN)
    await editor.edit(replace(edit, rendered=bare))
    assert (
        slack.posts[0].message["text"].startswith("```\nACKNOWLEDGED by ada at 03:20 UTC\n\nCRITICAL web-1")
    )
    assert slack.posts[0].message["blocks"] == []
