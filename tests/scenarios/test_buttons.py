"""What people on call hear after somebody has pressed a button under a message in Slack."""

from pydantic import SecretStr

from cli.presses import done
from notifications.socket_mode import Button, Press
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer

WARNING, CRITICAL, OVER = 85, 97, 10


def press(stage: Stage, button: Button) -> None:
    """Ada presses a button under the message of alert 1."""
    url = SecretStr("https://hooks.slack.com/actions/T/1/x")
    done(stage.engine, Press(button=button, alert_id=1, user_id="UADA", user_name="ada", answer_url=url))


def test_acknowledging_stops_the_reminders(stage: Stage) -> None:
    stage.disk(CRITICAL)
    press(stage, Button.ACKNOWLEDGE)
    stage.forward(minutes=60)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    assert stage.events() == ["opened", "acknowledged"]


def test_acknowledging_withdraws_a_reminder_that_is_on_its_way_in_the_same_transaction(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.slack.script.append(answer(503))
    stage.forward(minutes=16)
    assert stage.outbox()[-1] == ("reminded", "pending")
    press(stage, Button.ACKNOWLEDGE)
    assert stage.outbox()[-1] == ("reminded", "superseded")


def test_silencing_keeps_people_in_peace_for_an_hour_and_then_they_are_told_once(stage: Stage) -> None:
    stage.disk(CRITICAL)
    press(stage, Button.SILENCE_1H)
    stage.forward(minutes=59)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    stage.forward(minutes=2)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_a_silenced_warning_that_turns_critical_is_told_at_once(stage: Stage) -> None:
    stage.disk(WARNING)
    press(stage, Button.SILENCE_1H)
    stage.forward(minutes=5)
    stage.disk(CRITICAL)
    assert stage.heard() == ["WARNING web-1 disk:/", "CRITICAL web-1 disk:/"]


def test_other_alerts_of_the_host_are_told_while_one_is_silenced(stage: Stage) -> None:
    stage.disk(CRITICAL)
    press(stage, Button.SILENCE_1H)
    stage.sample(disks={"/": CRITICAL, "/srv": CRITICAL})
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/", "CRITICAL web-1 disk:/srv"]
