"""What a press of a button under a Slack message does: as on the command line, by the same functions."""

from datetime import timedelta

from sqlalchemy import Connection, Engine

from domain.severity import Severity
from models import clock
from notifications.quantities import clock as spelt
from notifications.silences import Silence
from notifications.silencing import NoOpenAlert, silence_alert
from notifications.socket_mode import Button, Press, Reply
from worker.alerts import NoSuchAlert, acknowledge

HOUR = timedelta(hours=1)


def done(engine: Engine, press: Press) -> Reply:
    """Do what was pressed, in one transaction, and say what came of it; twice is as good as once."""
    with engine.begin() as connection:
        try:
            return _DO[press.button](connection, press)
        except (NoSuchAlert, NoOpenAlert) as nothing:
            return Reply(f"Nothing was changed: {nothing}.")


def _acknowledge(connection: Connection, press: Press) -> Reply:
    taken = acknowledge(connection, press.alert_id, by=press.who)
    if taken.taken:
        # The thread hears of it by the message of the event itself.
        return Reply(f"You have taken alert {press.alert_id}: reminders and escalation stop.")
    by = "You have" if taken.by == press.who else f"{taken.by} has"
    at = spelt(taken.at, clock.now(connection))
    return Reply(f"Nothing was changed: {by} had alert {press.alert_id} since {at}.")


def _silence(connection: Connection, press: Press) -> Reply:
    silenced = silence_alert(connection, press.alert_id, HOUR, by=press.who)
    silence = silenced.silence
    until = spelt(silence.span.ends_at, clock.now(connection))
    if not silenced.new:
        held = f"alert {press.alert_id} is silenced until {until} by {silence.by} (silence {silence.number})"
        return Reply(f"Nothing was changed: {held}.")
    end = f"To end it early: tocsin silence end {silence.number}"
    about = f"alert {press.alert_id} until {until}{_unless_critical(silence)}"
    return Reply(f"{press.who} has silenced {about}. {end}", to_all=True)


def _unless_critical(silence: Silence) -> str:
    return "" if Severity.CRITICAL in silence.scope.severities else ", unless it turns critical"


_DO = {Button.ACKNOWLEDGE: _acknowledge, Button.SILENCE_1H: _silence}
