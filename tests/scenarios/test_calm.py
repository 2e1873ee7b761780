"""All is calm when a sweep would do nothing: that it never says so in vain is tried in every scenario."""

from sqlalchemy import update

import policy
import settings
from models import FirstMessage
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer
from tests.standins.slack import TOKEN


def test_before_anything_happened_and_after_everything_was_told_all_is_calm(stage: Stage) -> None:
    assert stage.calm()
    stage.disk(97)
    assert not stage.calm()
    stage.clock.forward(minutes=20)
    stage.disk(40)
    assert stage.heard() != []
    assert stage.calm()


def test_what_could_not_be_sent_yet_is_no_calm(stage: Stage) -> None:
    stage.disk(97)
    stage.clock.forward(minutes=20)
    stage.slack.script.append(answer(503, "upstream connect error"))
    stage.disk(40)
    assert not stage.calm()
    stage.forward(minutes=1)
    assert stage.calm()


def test_flapping_is_no_calm_until_it_has_come_to_rest(stage: Stage) -> None:
    for _ in range(4):
        stage.disk(97)
        stage.clock.forward(minutes=1)
        stage.disk(40)
        stage.clock.forward(minutes=1)
    assert "flapping" in stage.events()
    stage.forward(minutes=5)
    assert not stage.calm()
    stage.forward(minutes=15)
    assert "settled" in stage.events()
    assert stage.calm()


def test_a_first_message_that_shows_what_is_no_more_is_no_calm(stage: Stage) -> None:
    known = {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "#ops", "SLACK_API_URL": stage.slack.api_url}
    stage.policy = policy.load(None, settings.load(known))
    stage.open_channels()
    stage.disk(97)
    stage.clock.forward(minutes=20)
    stage.disk(40)
    assert stage.calm()
    with stage.engine.begin() as connection:
        connection.execute(update(FirstMessage).values(shown_event_id=1))
    assert not stage.calm()
    stage.forward(seconds=10)
    assert stage.calm()
