"""Buttons under a Slack message do what the command line does, and whoever pressed hears what came of it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import Engine, create_engine, select

import policy
from cli.buttons import Desk
from cli.presses import done
from cli.startup.flower_access import access
from cli.startup.programs import buttons
from cli.startup.starting import _steps
from models import Alert, Heartbeat, Silence
from notifications.socket_mode import Button, Press
from settings import load
from tests import samples
from tests.cli.conftest import HOST, Run
from tests.standins.socket_mode import APP_TOKEN, SocketModeStandIn
from tests.waiting import until
from watchdog.readings import BUTTONS
from worker import alerts, stream
from worker.recording import record_waiting

WARNING, CRITICAL = 85.0, 97.0


@pytest.fixture
def socket_mode() -> Iterator[SocketModeStandIn]:
    with SocketModeStandIn() as slack:
        yield slack


@pytest.fixture
def firing(engine: Engine, redis: Redis) -> None:
    """Alert 1 is open: the disk of web-1 is full."""
    disk(engine, redis, CRITICAL)


def disk(engine: Engine, redis: Redis, percent: float) -> None:
    stream.publish(redis, samples.system(disks={"/": percent}))
    record_waiting(engine, redis, policy.load(None, load({})), consumer="test")


def press(button: Button, alert_id: int = 1, user: str = "ada") -> Press:
    url = SecretStr("https://hooks.slack.com/actions/T/1/x")
    return Press(button=button, alert_id=alert_id, user_id=f"U{user}", user_name=user, answer_url=url)


def alert(engine: Engine) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(Alert.__table__)).one()


def silences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(Silence.__table__).order_by(Silence.id)))


@pytest.mark.usefixtures("firing")
def test_whoever_presses_acknowledge_has_the_alert(engine: Engine) -> None:
    reply = done(engine, press(Button.ACKNOWLEDGE))
    assert reply.text == "You have taken alert 1: reminders and escalation stop."
    assert alert(engine).acknowledged_by == "ada (Slack Uada)"


@pytest.mark.usefixtures("firing")
def test_the_second_to_press_hears_who_was_first(engine: Engine) -> None:
    done(engine, press(Button.ACKNOWLEDGE))
    taken = alert(engine).acknowledged_at
    assert done(engine, press(Button.ACKNOWLEDGE, user="ben")).text == (
        f"Nothing was changed: ada (Slack Uada) has had alert 1 since {taken:%H:%M} UTC."
    )
    assert done(engine, press(Button.ACKNOWLEDGE)).text.startswith(
        "Nothing was changed: You have had alert 1"
    )
    assert alert(engine).acknowledged_by == "ada (Slack Uada)"


@pytest.mark.usefixtures("firing")
@pytest.mark.parametrize("button", Button)
def test_an_alert_that_is_over_is_left_alone(engine: Engine, button: Button) -> None:
    with engine.begin() as connection:
        alerts.resolve(connection, 1, by="eve", reason="done")
    assert done(engine, press(button)).text.startswith("Nothing was changed: alert 1 is over since 20")
    assert alert(engine).acknowledged_by is None
    assert silences(engine) == []


@pytest.mark.parametrize("button", Button)
def test_an_alert_that_nobody_knows_is_said_to_be_none(engine: Engine, button: Button) -> None:
    assert done(engine, press(button, 99)).text == "Nothing was changed: there is no alert 99."


@pytest.mark.usefixtures("firing")
def test_silence_is_for_an_hour_and_for_this_alert_and_everybody_hears_of_it(engine: Engine) -> None:
    reply = done(engine, press(Button.SILENCE_1H))
    [silence] = silences(engine)
    assert silence.ends_at - silence.starts_at == timedelta(hours=1)
    assert silence.matchers == {
        "hosts": ["web-1"],
        "components": ["disk:/"],
        "severities": ["critical", "warning"],
    }
    assert (silence.created_by, silence.reason) == ("ada (Slack Uada)", "alert 1")
    assert reply.to_all
    assert reply.text == (
        f"ada (Slack Uada) has silenced alert 1 until {silence.ends_at:%H:%M} UTC."
        " To end it early: tocsin silence end 1"
    )


@pytest.mark.usefixtures("firing")
def test_a_press_that_comes_twice_sets_one_silence(engine: Engine) -> None:
    done(engine, press(Button.SILENCE_1H))
    reply = done(engine, press(Button.SILENCE_1H, user="ben"))
    [silence] = silences(engine)
    assert reply.text == (
        f"Nothing was changed: alert 1 is silenced until {silence.ends_at:%H:%M} UTC"
        " by ada (Slack Uada) (silence 1)."
    )


def test_a_silenced_warning_is_told_when_it_turns_critical(engine: Engine, redis: Redis) -> None:
    disk(engine, redis, WARNING)
    assert ", unless it turns critical." in done(engine, press(Button.SILENCE_1H)).text
    assert silences(engine)[0].matchers["severities"] == ["warning"]
    disk(engine, redis, CRITICAL)
    assert done(engine, press(Button.SILENCE_1H)).to_all
    assert len(silences(engine)) == 2


def test_a_database_that_is_away_is_said_to_whoever_pressed(socket_mode: SocketModeStandIn) -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@/nothing?host=/nowhere")
    settings = load({"SLACK_API_URL": socket_mode.api_url})
    url = SecretStr(socket_mode.url("/actions/x"))
    one = Press(button=Button.ACKNOWLEDGE, alert_id=1, user_id="U1", user_name="ada", answer_url=url)
    asyncio.run(Desk(settings, nowhere).pressed(one))
    [said] = socket_mode.answers
    assert said["text"].startswith("The database did not take it; press again")


@dataclass(frozen=True, slots=True)
class Command:
    """A `tocsin buttons` on its way, and how it ended."""

    process: subprocess.Popen[str]

    def ended(self) -> tuple[int, str]:
        """Its exit code, and what it said."""
        said = self.process.communicate(timeout=60)[1]
        return self.process.returncode, said


@pytest.fixture
def command(engine: Engine, socket_mode: SocketModeStandIn, home: Path) -> Iterator[Callable[..., Command]]:
    """Start `tocsin buttons`, which sets up the logs of its whole process."""
    started: list[subprocess.Popen[str]] = []

    def start(token: str = APP_TOKEN) -> Command:
        environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": engine.url.render_as_string(hide_password=False),
            "SLACK_APP_TOKEN": token,
            "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X",
            "SLACK_API_URL": socket_mode.api_url,
            "TOCSIN_HOME": str(home),
            "HOST_NAME": HOST,
        }
        started.append(subprocess.Popen(buttons(), cwd="/", env=environ, stderr=subprocess.PIPE, text=True))
        return Command(started[-1])

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.usefixtures("firing")
def test_the_command_listens_answers_shows_life_and_stops_when_it_is_told(
    engine: Engine, socket_mode: SocketModeStandIn, home: Path, command: Callable[..., Command]
) -> None:
    running = command()
    until(lambda: socket_mode.connected or running.process.poll(), within=60, what="the connection")
    socket_mode.press(Button.ACKNOWLEDGE, "1")
    said = socket_mode.wait_for_answer()
    until(lambda: beats(engine), within=10, what="a heartbeat")
    running.process.send_signal(signal.SIGTERM)
    code, log = running.ended()
    assert code == 0
    assert said["text"].startswith("You have taken alert 1")
    assert said["response_type"] == "ephemeral"
    assert alert(engine).acknowledged_by == "ada (Slack UADA)"
    assert (home / "alive").exists()
    assert '"event": "buttons.pressed"' in log
    assert APP_TOKEN not in log


def beats(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        query = select(Heartbeat.instance).where(Heartbeat.component == BUTTONS)
        return list(connection.execute(query).scalars())


def test_a_token_that_slack_refuses_is_said_with_the_remedy(command: Callable[..., Command]) -> None:
    code, said = command("xapp-wrong").ended()
    assert code == 69
    assert said.startswith("tocsin: Slack refuses: 127.0.0.1 answered 200: ")
    assert "; correct SLACK_APP_TOKEN" in said
    assert "xapp-wrong" not in said


def test_without_a_token_it_says_what_is_missing(tocsin: Run) -> None:
    ended = tocsin("buttons")
    assert (ended.code, ended.err.partition(";")[0]) == (
        2,
        "tocsin: SLACK_APP_TOKEN is not set, and Slack tells nobody else",
    )


@pytest.mark.parametrize("token", ["", "xapp-1"])
def test_up_starts_it_where_there_is_a_token(token: str, home: Path) -> None:
    hook = "https://hooks.slack.com/services/T/B/X"
    settings = load(
        {
            "SLACK_APP_TOKEN": token,
            "SLACK_WEBHOOK_URL": hook,
            "TOCSIN_HOME": str(home),
            "FLOWER_PASSWORD": "x",
        }
    )
    names = [program.name for step in _steps(settings, access(settings)) for program in step.programs]
    assert ("buttons" in names) == bool(token)
