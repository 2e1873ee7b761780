"""A destination that is down: left alone, probed, never in the way of another, and in the end told all."""

import itertools
from datetime import timedelta
from time import monotonic

import pytest
from pydantic import SecretStr

from notifications.channels.slack_webhook import SlackWebhook
from tests.scenarios.office import Office, mail_to, slack_to
from tests.standins.behaviour import answer, hang
from tests.standins.mailbox import Step
from tests.standins.refusing import RefusingStandIn

DOWN = answer(503, "down")


def slack_is_down(office: Office, *, requests: int = 1000) -> None:
    office.slack.script.extend([DOWN] * requests)


def slack_is_back(office: Office) -> None:
    office.slack.script.clear()


def test_a_dead_slack_never_holds_back_a_mail(office: Office) -> None:
    slack_is_down(office)
    for _ in range(10):
        office.ring()
        office.forward(minutes=1)
    assert len(office.in_mail()) == 10
    assert office.on_slack() == []


def test_a_hanging_slack_does_not_hold_back_a_mail_of_the_same_moment(office: Office) -> None:
    office.deadline = timedelta(seconds=1.5)
    office.slack.script.append(hang)
    office.quietly()
    office.deliver()
    [request], [mail] = office.slack.requests, office.mailbox.mails
    assert mail.at - request.at < 1.0
    assert office.attempts("slack") == ["ambiguous"]


def test_after_three_failures_in_a_row_it_is_left_alone(office: Office) -> None:
    slack_is_down(office)
    for _ in range(3):
        office.ring()
        office.forward(seconds=2)
    assert len(office.slack.requests) == 3
    office.ring()
    office.forward(seconds=20)
    assert len(office.slack.requests) == 3


def test_what_waits_for_it_is_not_tried_and_says_what_it_waits_for(office: Office) -> None:
    slack_is_down(office)
    for _ in range(3):
        office.ring()
        office.forward(seconds=2)
    office.ring(5)
    waiting = office.rows("slack")[3:]
    assert [row.attempts for row in waiting] == [0] * 5
    assert {row.state for row in waiting} == {"pending"}
    assert {row.reason for row in waiting} == {
        "waits until slack can be reached again: 127.0.0.1 answered 503: down"
    }


def test_nobody_stands_by_for_it(office: Office) -> None:
    """Whoever waits here plans nothing meanwhile."""
    slack_is_down(office)
    for _ in range(3):
        office.ring()
        office.forward(seconds=2)
    office.forward(seconds=25)
    began = monotonic()
    office.ring()
    assert monotonic() - began < 2
    assert len(office.in_mail()) == 4


def test_one_message_tries_it_and_the_pauses_grow_to_five_minutes(office: Office) -> None:
    slack_is_down(office)
    office.ring(30)
    tried_at: list[int] = []
    for second in range(0, 3600, 10):
        tried_at += [second] * (len(office.slack.requests) - len(tried_at))
        office.forward(seconds=10)
    pauses = [after - before for before, after in itertools.pairwise(tried_at)]
    assert all(pause >= 30 for pause in pauses[3:])
    assert all(300 <= pause <= 370 for pause in pauses[-4:])
    assert len(tried_at) < 25


def test_a_probe_is_one_message_however_many_wait(office: Office) -> None:
    slack_is_down(office)
    for _ in range(3):
        office.ring()
        office.forward(seconds=2)
    office.ring(50)
    before = len(office.slack.requests)
    office.forward(seconds=40)
    assert len(office.slack.requests) == before + 1
    assert sum(row.attempts for row in office.rows("slack")) == before + 1


def test_a_success_closes_it_and_the_rest_follows_at_once(office: Office) -> None:
    slack_is_down(office)
    for _ in range(3):
        office.ring()
        office.forward(seconds=2)
    office.ring(5)
    slack_is_back(office)
    office.forward(seconds=40)
    office.forward(seconds=40)
    assert office.states("slack") == {"delivered": 8}
    fares = office.fares("slack")
    assert (fares.failures, fares.open_until, fares.last_error) == (0, None, None)


def test_a_final_refusal_shows_that_it_is_there(office: Office) -> None:
    office.slack.script.extend([DOWN, DOWN, answer(404, "no_service")])
    for failures in (1, 2, 0):
        office.ring()
        assert (office.fares("slack").failures, office.fares("slack").open_until) == (failures, None)
        office.forward(seconds=2)


def test_after_24_hours_it_is_given_up_and_says_so(office: Office) -> None:
    with RefusingStandIn() as nobody:
        office.with_destinations(slack_to(office.slack))
        office.channels = {"slack": SlackWebhook(SecretStr(f"http://127.0.0.1:{nobody.port}/hook"))}
        office.ring(20)
        for _ in range(4):
            office.forward(seconds=20)
        for _ in range(23):
            office.forward(minutes=60)
        assert office.states() == {"pending": 20}
        tried = sum(row.attempts for row in office.rows())
        office.forward(minutes=62)
        office.forward(minutes=4)
    assert office.states() == {"dead": 20}
    assert all(row.reason.startswith("given up after 24 hours: ") for row in office.rows())
    assert all("connection" in row.reason for row in office.rows())
    assert sum(row.attempts for row in office.rows()) <= tried + 2


def test_what_was_held_for_days_is_not_given_up_at_its_first_failure(office: Office) -> None:
    """A row may be planned long before it may go: within a silence, or behind a cooldown."""
    office.with_destinations(slack_to(office.slack))
    office.quietly()
    with office.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE notification_deliveries SET created_at = created_at - interval '3 days'"
        )
    slack_is_down(office, requests=1)
    office.deliver()
    assert office.states() == {"pending": 1}
    office.forward(seconds=7)
    assert office.states() == {"delivered": 1}


@pytest.mark.parametrize("alerts", [1, 12])
def test_all_channels_down_for_an_hour_loses_nothing(office: Office, alerts: int) -> None:
    """Fifty alerts of one hour, some of them twelve at a time; on return there are few messages."""
    slack_is_down(office)
    office.mailbox.script[Step.GREETING].extend(["421 4.3.2 down"] * 1000)
    for _ in range(50 // alerts):
        office.ring(alerts)
        office.forward(seconds=72 * alerts)
    rung = 50 // alerts * alerts
    assert office.states() == {"pending": 2 * rung}
    slack_is_back(office)
    office.mailbox.script[Step.GREETING].clear()
    office.minutes(10)
    assert office.states() == {"delivered": 2 * rung}
    assert len(office.on_slack()) <= 5
    assert len(office.in_mail()) <= 5


def test_the_circuit_of_one_destination_is_not_that_of_another(office: Office) -> None:
    slack_is_down(office)
    office.with_destinations(slack_to(office.slack), mail_to())
    for _ in range(4):
        office.ring()
        office.forward(seconds=2)
    assert office.fares("slack").open_until is not None
    assert office.fares("email").open_until is None
