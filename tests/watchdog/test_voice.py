"""Who hears of the watchdog's news when it speaks past everything else."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

import policy
import settings
from tests.standins.slack import SlackStandIn
from watchdog import voice
from watchdog.news import Item, News

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NEWS = News(NOON, [Item("beat", NOON, "no tick of beat has been worked on for 31 s", "start one")])


@dataclass(frozen=True)
class Unheard:
    """A kind of destination that no channel is for, as after half an upgrade."""

    name: str = "pager"
    recipients: tuple[str, ...] = ("",)


def test_a_channel_that_is_broken_keeps_no_other_from_speaking(slack: SlackStandIn) -> None:
    rules = policy.load(None, settings.load({"SLACK_WEBHOOK_URL": slack.webhook_url}))
    both = {"pager": cast("Any", Unheard()), **rules.destinations}
    told = asyncio.run(voice.tell(NEWS, replace(rules, destinations=both, routes=()), "watch-1"))
    assert told["pager"] == "the channel broke: AttributeError"
    assert told["slack"] is None
    assert len(slack.posts) == 1
