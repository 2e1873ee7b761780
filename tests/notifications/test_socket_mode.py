"""Socket Mode: presses are heard, whatever the connection goes through, and each is acknowledged at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from notifications.channels.base import DeliveryError
from notifications.socket_mode import Button, Press, Reply, answer
from notifications.socket_mode.presses import press
from tests.notifications.listening import listening
from tests.standins.behaviour import answer as answered
from tests.standins.socket_mode import APP_TOKEN, SocketModeStandIn
from tests.waiting import until

ACKNOWLEDGE, SILENCE = Button.ACKNOWLEDGE.value, Button.SILENCE_1H.value


@pytest.fixture
def socket_mode() -> Iterator[SocketModeStandIn]:
    with SocketModeStandIn() as slack:
        yield slack


def heard(envelope: dict[str, Any], **changes: Any) -> Press | None:
    return press(envelope | {"payload": envelope["payload"] | changes})


def envelope(value: Any = "12", action: str = ACKNOWLEDGE) -> dict[str, Any]:
    payload = {
        "type": "block_actions",
        "user": {"id": "U1", "username": "ada"},
        "actions": [{"action_id": action, "value": value}],
        "response_url": "https://hooks.slack.com/actions/T/1/x",
        "container": {"message_ts": "2.0", "thread_ts": "1.0"},
    }
    return {"type": "interactive", "envelope_id": "e", "payload": payload}


def test_a_press_is_heard_and_acknowledged(socket_mode: SocketModeStandIn) -> None:
    with listening(socket_mode) as ear:
        socket_mode.wait_for_connection()
        number = socket_mode.press(SILENCE, "12")
        until(lambda: ear.presses, within=10, what="the press")
        until(lambda: socket_mode.acks == [number], within=10, what="the acknowledgement")
    [one] = ear.presses
    assert (one.button, one.alert_id, one.who) == (Button.SILENCE_1H, 12, "ada (Slack UADA)")
    assert one.thread == "1764040000.000100"
    assert ear.alive >= 1


def test_what_is_no_press_of_ours_is_acknowledged_and_left_alone(socket_mode: SocketModeStandIn) -> None:
    with listening(socket_mode) as ear:
        socket_mode.wait_for_connection()
        socket_mode.send("no JSON")
        socket_mode.send({"type": "events_api", "envelope_id": "event", "payload": {}})
        link = socket_mode.press("runbook", "12")
        last = socket_mode.press(ACKNOWLEDGE, "12")
        until(lambda: ear.presses, within=10, what="the press")
        until(lambda: len(socket_mode.acks) == 3, within=10, what="every acknowledgement")
    assert socket_mode.acks == ["event", link, last]
    assert [one.button for one in ear.presses] == [Button.ACKNOWLEDGE]


def test_a_connection_that_slack_wants_back_is_replaced_before_it_ends(
    socket_mode: SocketModeStandIn,
) -> None:
    with capture_logs() as logs, listening(socket_mode) as ear:
        socket_mode.wait_for_connection()
        socket_mode.send({"type": "disconnect", "reason": "refresh_requested"})
        socket_mode.wait_for_connection(2)
        assert socket_mode.open == 2
        socket_mode.drop(0)
        socket_mode.press(ACKNOWLEDGE, "12")
        until(lambda: ear.presses, within=10, what="a press over the second connection")
    assert "buttons.not_listening" not in [entry["event"] for entry in logs]


def test_a_lost_connection_is_opened_again_after_a_pause(
    socket_mode: SocketModeStandIn,
) -> None:
    with capture_logs() as logs, listening(socket_mode) as ear:
        socket_mode.wait_for_connection()
        socket_mode.drop()
        socket_mode.wait_for_connection(2)
        socket_mode.press(ACKNOWLEDGE, "12")
        until(lambda: ear.presses, within=10, what="a press over the second connection")
    [lost] = [entry for entry in logs if entry["event"] == "buttons.not_listening"]
    assert lost["reason"] == "Slack closed the connection"


def test_a_slack_in_trouble_is_asked_again(socket_mode: SocketModeStandIn) -> None:
    socket_mode.script += [answered(503), answered(200, "<html>"), answered(429, '{"ok": false}')]
    with capture_logs() as logs, listening(socket_mode):
        socket_mode.wait_for_connection()
    lost = [entry["reason"] for entry in logs if entry["event"] == "buttons.not_listening"]
    assert [reason.partition(": ")[0] for reason in lost] == [
        f"127.0.0.1 answered {status}" for status in (503, 200, 429)
    ]


def test_connections_that_slack_takes_back_at_once_are_not_opened_one_after_the_other(
    socket_mode: SocketModeStandIn,
) -> None:
    with (
        capture_logs() as logs,
        listening(socket_mode, steady=timedelta(seconds=30), pause=timedelta(seconds=5)),
    ):
        socket_mode.wait_for_connection()
        socket_mode.send({"type": "disconnect", "reason": "warning"})
        until(lambda: logs[1:], within=10, what="a word about it")
    assert logs[1]["event"] == "buttons.not_listening"
    assert logs[1]["again_in_s"] >= 5
    assert socket_mode.connected == 1


def test_a_token_that_slack_does_not_want_ends_it_and_is_not_shown(socket_mode: SocketModeStandIn) -> None:
    with listening(socket_mode, "xapp-wrong") as ear:
        assert ear.ended.wait(10)
    assert ear.refusal is not None
    assert "invalid_auth" in ear.refusal.reason
    assert "xapp-wrong" not in ear.refusal.reason


def test_an_app_with_socket_mode_switched_off_ends_it(socket_mode: SocketModeStandIn) -> None:
    with listening(socket_mode) as ear:
        socket_mode.wait_for_connection()
        socket_mode.send({"type": "disconnect", "reason": "link_disabled"})
        assert ear.ended.wait(10)
    assert ear.refusal is not None
    assert ear.refusal.reason == "Socket Mode is switched off for this app"


def test_the_address_of_a_connection_is_in_no_log(socket_mode: SocketModeStandIn) -> None:
    with capture_logs() as logs, listening(socket_mode):
        socket_mode.wait_for_connection()
        socket_mode.drop()
        socket_mode.wait_for_connection(2)
    assert "ticket" not in str(logs)
    assert APP_TOKEN not in str(logs)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "view_submission"},
        {"user": {}},
        {"user": {"id": ""}},
        {"actions": []},
        {"response_url": None},
        {"actions": [{"action_id": ACKNOWLEDGE, "value": "0"}]},
        {"actions": [{"action_id": ACKNOWLEDGE, "value": str(2**63)}]},
        {"actions": [{"action_id": ACKNOWLEDGE, "value": "12; DROP"}]},
        {"actions": [{"action_id": ACKNOWLEDGE}]},
        {"actions": "x"},
    ],
    ids=str,
)
def test_a_payload_that_makes_no_sense_is_no_press(changes: dict[str, Any]) -> None:
    assert heard(envelope()) is not None
    assert heard(envelope(), **changes) is None


def test_a_name_is_written_down_as_one_harmless_line() -> None:
    hostile = heard(envelope(), user={"id": "U1\n", "username": "a\u202eda\n\x1b[31m" + "x" * 500})
    assert hostile is not None
    assert hostile.who.isprintable()
    assert len(hostile.who) < 120


def test_the_answer_address_is_a_secret() -> None:
    assert "hooks.slack.com" not in repr(heard(envelope()))


async def test_an_answer_is_for_one_or_for_all_in_the_thread(socket_mode: SocketModeStandIn) -> None:
    one = heard(envelope(), response_url=socket_mode.url("/actions/x"))
    assert one is not None
    await answer(one, Reply("<!channel> taken"), socket_mode.api_url)
    await answer(one, Reply("silenced", to_all=True), socket_mode.api_url)
    assert [said["response_type"] for said in socket_mode.answers] == ["ephemeral", "in_channel"]
    assert socket_mode.answers[0]["text"] == "&lt;!channel&gt; taken"
    assert {said["thread_ts"] for said in socket_mode.answers} == {"1.0"}
    assert not any(said["replace_original"] for said in socket_mode.answers)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/x",
        "http://hooks.slack.com/x",
        "https://notslack.com/x",
        "https://slack.com.evil/x",
    ],
)
async def test_an_answer_goes_to_slack_and_nowhere_else(url: str) -> None:
    one = heard(envelope(), response_url=url)
    assert one is not None
    with pytest.raises(DeliveryError, match="not Slack's"):
        await answer(one, Reply("taken"), "https://slack.com/api/")


async def test_a_refused_answer_is_said_without_its_address(socket_mode: SocketModeStandIn) -> None:
    socket_mode.script.append(answered(404, "expired /actions/secret-answer"))
    one = heard(envelope(), response_url=socket_mode.url("/actions/secret-answer"))
    assert one is not None
    with pytest.raises(DeliveryError) as refused:
        await answer(one, Reply("taken"), socket_mode.api_url)
    assert "secret-answer" not in refused.value.reason
