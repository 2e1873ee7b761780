"""The first message of an incident in Slack says how things stand, for whoever only looks at the channel."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import policy
import settings
from models import Delivery, FirstMessage
from notifications.rendering import Renderer
from policy import Step
from policy.matching import Scope
from policy.routes import Route
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer, hang
from tests.standins.slack import TOKEN, Post
from tests.standins.slack_view import effects, shown
from worker import alerts

RED, BLUE, GREEN = "#b3261e", "#1a5fb4", "#1b6e3c"
UNAVAILABLE = answer(503, "upstream connect error")


@pytest.fixture
def bot(stage: Stage) -> Stage:
    """Slack by a bot token, early in a minute, as lines name the minute."""
    stage.at(stage.now().replace(second=5) + timedelta(minutes=1))
    known = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "#ops", "SLACK_API_URL": stage.slack.api_url}
    stage.policy = policy.load(None, settings.load(known))
    stage.open_channels()
    return stage


def first_line(stage: Stage) -> str:
    return shown(stage.slack.posts[0].message).splitlines()[0].removeprefix("## ")


def colours(post: Post) -> list[str]:
    return [attachment["color"] for attachment in post.message["attachments"]]


def evidence(post: Post) -> list[dict[str, Any]]:
    """Every block of a message, wherever it stands."""
    beside = [block for attachment in post.message["attachments"] for block in attachment["blocks"]]
    return [*post.message["blocks"], *beside]


def edits(stage: Stage) -> int:
    return sum(request.path == "/api/chat.update" for request in stage.slack.requests)


def answers(stage: Stage) -> list[str | None]:
    """What the last edit of each first message met."""
    with stage.engine.connect() as connection:
        return list(connection.execute(select(FirstMessage.answer)).scalars())


def hhmm(stage: Stage) -> str:
    return f"{stage.now():%H:%M} UTC"


def test_an_acknowledgement_is_seen_without_opening_the_thread(bot: Stage) -> None:
    bot.disk(97)
    assert colours(bot.slack.posts[0]) == [RED]
    bot.forward(minutes=2)
    bot.acknowledge(by="ada")
    assert first_line(bot) == f"ACKNOWLEDGED by ada at {hhmm(bot)}"
    assert colours(bot.slack.posts[0]) == [BLUE]
    assert len(bot.slack.posts) == 1


def test_the_end_is_seen_in_the_channel_and_told_in_the_thread(bot: Stage) -> None:
    bot.disk(97)
    bot.forward(minutes=14)
    bot.disk(50)
    first, reply = bot.slack.posts
    assert first_line(bot) == f"RESOLVED after 14 min, at {hhmm(bot)}"
    assert colours(first) == [GREEN]
    assert reply.thread_ts == first.ts
    assert first.message["text"].startswith("RESOLVED after 14 min")


def test_the_evidence_stays_below_the_line_unchanged(bot: Stage) -> None:
    bot.disk(97)
    before = evidence(bot.slack.posts[0])
    bot.acknowledge()
    assert evidence(bot.slack.posts[0])[1:] == before
    bot.disk(50)
    assert evidence(bot.slack.posts[0])[1:] == before


def test_replies_are_not_edited(bot: Stage) -> None:
    bot.disk(88)
    bot.disk(97)
    reply = bot.slack.posts[1]
    bot.acknowledge()
    bot.disk(50)
    assert bot.slack.posts[1] == reply


def test_every_turn_of_an_incident_is_seen(bot: Stage) -> None:
    bot.disk(88)
    bot.disk(97)
    assert first_line(bot) == f"WORSENED to CRITICAL at {hhmm(bot)}"
    bot.acknowledge(by="ada")
    bot.disk(88)
    bot.forward(seconds=5)
    assert first_line(bot) == f"EASED to WARNING at {hhmm(bot)}, taken by ada"
    bot.disk(50)
    assert first_line(bot).startswith("RESOLVED after ")
    bot.forward(minutes=1)
    bot.disk(97)
    assert first_line(bot) == f"FIRING AGAIN as CRITICAL since {hhmm(bot)}"
    assert colours(bot.slack.posts[0]) == [RED]


def test_who_looks_at_the_channel_sees_that_it_went_up_elsewhere_and_was_given_back(bot: Stage) -> None:
    steps = (Step(timedelta(minutes=15), ("lead",)),)
    bot.with_policy(
        destinations={**bot.policy.destinations, "lead": policy.Console(name="lead")},
        routes=(Route(Scope(), ("slack",), policy.Escalation("on-call", steps)),),
        repeat={},
    )
    bot.open_channels()
    bot.disk(97)
    bot.forward(minutes=16)
    assert first_line(bot) == f"ESCALATED to step 1 at {hhmm(bot)}"
    bot.acknowledge(by="ada")
    with bot.engine.begin() as connection:
        alerts.unacknowledge(connection, 1, by="ada")
    bot.notify()
    assert first_line(bot) == f"UNACKNOWLEDGED at {hhmm(bot)}, nobody has it now"
    assert colours(bot.slack.posts[0]) == [RED]
    assert len(bot.slack.posts) == 1


def test_what_is_written_down_beside_an_alert_edits_nothing(bot: Stage) -> None:
    bot.disk(97)
    bot.forward(minutes=15)
    assert bot.events() == ["opened", "reminded"]
    assert edits(bot) == 0


def test_an_edit_is_no_message_to_the_cooldown(bot: Stage) -> None:
    bot.disk(97)
    bot.acknowledge()
    assert bot.outbox() == [("opened", "delivered")]
    bot.forward(minutes=1)
    bot.disk(50)
    assert bot.outbox() == [("opened", "delivered"), ("resolved", "delivered")]


def test_a_hostile_name_takes_no_effect_on_the_first_line(bot: Stage) -> None:
    bot.disk(97)
    links = effects(bot.slack.posts[0].message)
    bot.acknowledge(by="<!channel>\n*ada* & <https://evil.example|x>")
    assert first_line(bot).startswith("ACKNOWLEDGED by <!channel> *ada* &")
    assert effects(bot.slack.posts[0].message) == links


def test_a_deleted_first_message_harms_nothing(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.delete(bot.slack.posts[0].ts)
    bot.acknowledge()
    bot.forward(seconds=10)
    assert edits(bot) == 1
    assert "message_not_found" in str(answers(bot)[0])
    bot.disk(50)
    assert bot.heard() == ["RESOLVED web-1 disk:/"]
    assert bot.outbox() == [("opened", "delivered"), ("resolved", "delivered")]


def test_a_failed_edit_is_made_up_for_later(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.script.append(UNAVAILABLE)
    bot.acknowledge(by="ada")
    assert first_line(bot).startswith("CRITICAL")
    bot.forward(seconds=7)
    assert first_line(bot).startswith("ACKNOWLEDGED by ada")


def test_a_newer_state_takes_the_place_of_one_that_could_not_be_shown(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.script.append(UNAVAILABLE)
    bot.acknowledge()
    bot.disk(50)
    bot.forward(seconds=7)
    assert first_line(bot).startswith("RESOLVED")
    assert edits(bot) == 2


def test_an_edit_that_met_a_rate_limit_waits_and_no_page_waits_with_it(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.script.append(answer(429, "ratelimited", {"Retry-After": "30"}))
    bot.acknowledge()
    bot.disk(97, host="web-2")
    assert bot.heard() == ["CRITICAL web-1 disk:/", "CRITICAL web-2 disk:/"]
    bot.forward(seconds=20)
    assert edits(bot) == 1
    bot.forward(seconds=10)
    assert first_line(bot).startswith("ACKNOWLEDGED")


def test_while_an_edit_waits_no_other_is_tried(bot: Stage) -> None:
    bot.disk(97)
    bot.disk(97, host="web-2")
    bot.slack.script.append(answer(429, "ratelimited", {"Retry-After": "30"}))
    bot.acknowledge()
    bot.disk(50)
    assert edits(bot) == 1
    bot.forward(seconds=30)
    assert [shown(post.message).split()[1] for post in bot.slack.posts[:2]] == ["RESOLVED", "ACKNOWLEDGED"]


def test_an_edit_that_hangs_ends_soon_and_the_next_page_is_on_time(
    bot: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.delivery.editing.DEADLINE", timedelta(seconds=0.2))
    bot.disk(97)
    bot.slack.script.append(hang)
    bot.acknowledge()
    assert answers(bot) == ["no answer within 0.2 seconds"]
    bot.disk(97, host="web-2")
    assert bot.heard() == ["CRITICAL web-1 disk:/", "CRITICAL web-2 disk:/"]


def test_an_edit_that_fails_for_a_day_is_given_up(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.script.append(UNAVAILABLE)
    bot.acknowledge()
    bot.forward(hours=24)
    assert edits(bot) == 1


def test_pages_go_first(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.script.append(UNAVAILABLE)
    bot.disk(50)
    assert edits(bot) == 0
    bot.forward(seconds=7)
    assert [request.path for request in bot.slack.requests[-2:]] == [
        "/api/chat.postMessage",
        "/api/chat.update",
    ]


def test_a_layout_that_slack_refuses_becomes_plain_text_in_an_edit_too(bot: Stage) -> None:
    bot.disk(97)
    bot.slack.script.append(answer(200, '{"ok": false, "error": "invalid_blocks"}'))
    bot.acknowledge(by="ada")
    [post] = bot.slack.posts
    assert post.message["text"].startswith("```\nACKNOWLEDGED by ada")
    assert (post.message["blocks"], post.message["attachments"]) == ([], [])


def test_what_a_digest_told_is_not_edited(bot: Stage) -> None:
    for number in range(12):
        bot.sample(host=f"web-{number}", disks={"/": 97})
    bot.notify()
    assert len(bot.slack.posts) == 1
    bot.acknowledge()
    assert edits(bot) == 0


def test_with_a_webhook_nothing_is_edited(stage: Stage) -> None:
    stage.disk(97)
    stage.acknowledge()
    stage.disk(50)
    assert stage.heard() == ["CRITICAL web-1 disk:/", "RESOLVED web-1 disk:/"]
    assert answers(stage) == []


def test_what_was_sent_is_kept_with_the_delivery(bot: Stage) -> None:
    bot.disk(97)
    with bot.engine.connect() as connection:
        kept = connection.execute(select(Delivery.rendered)).scalar_one()
    assert kept is not None
    assert kept["slack"]["blocks"] == bot.slack.posts[0].message["blocks"]
    assert set(kept) == {"summary", "subject", "preheader", "text", "slack", "slack_chart"}


def test_what_postgres_cannot_store_keeps_no_page_from_being_written_down(bot: Stage, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "body.txt").write_text("{{ host }} burns \x00 {{ '\\ud83d' }}")
    bot.renderer = Renderer(tmp_path)
    bot.disk(97)
    assert bot.outbox() == [("opened", "delivered")]
    with bot.engine.connect() as connection:
        kept = connection.execute(select(Delivery.rendered)).scalar_one()
    assert kept is not None
    assert "burns \ufffd \ufffd" in kept["text"]
