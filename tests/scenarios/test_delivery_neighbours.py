"""What happens to one destination, or to one message, says nothing of those beside it."""

from dataclasses import replace
from io import StringIO

import pytest
from pydantic import SecretStr

from domain.severity import Severity
from notifications.channels.console import Console as Screen
from notifications.channels.slack_webhook import SlackWebhook
from policy import Console
from policy.matching import Scope
from policy.routes import Route
from tests.scenarios.office import Office, mail_to, slack_to
from tests.standins.behaviour import answer
from tests.standins.mailbox import Step
from tests.standins.refusing import RefusingStandIn

DOWN = answer(503, "down")


@pytest.fixture
def screen(office: Office) -> StringIO:
    """Slack has a stand-in, and mail has none."""
    shown = StringIO()
    office.with_destinations(
        slack_to(office.slack, fallback="screen"),
        mail_to(),
        Console(name="screen"),
        told=("slack", "email"),
    )
    office.channels = {**office.channels, "screen": Screen(shown)}
    return shown


def mail_is_down(office: Office) -> None:
    office.mailbox.script[Step.GREETING].extend(["421 4.3.2 down"] * 1000)


def test_nobody_stands_in_for_a_neighbour(office: Office, screen: StringIO) -> None:
    mail_is_down(office)
    office.ring()
    office.minutes(5)
    assert office.states() == {"delivered": 1, "pending": 1}
    assert screen.getvalue() == ""


def test_a_flood_for_one_destination_makes_no_digest_of_another(office: Office, screen: StringIO) -> None:
    criticals = Scope(severities=frozenset({Severity.CRITICAL}))
    routes = (Route(criticals, ("slack",)), Route(Scope(), ("screen",)))
    office.policy = replace(office.policy, routes=routes)
    office.quietly(13, critical_every=6)
    office.deliver()
    office.forward(seconds=2)
    assert [line.split()[0] for line in office.on_slack()] == ["CRITICAL", "CRITICAL"]
    assert not any(" alerts " in line for line in office.on_slack())
    assert "11 alerts" in screen.getvalue()


def test_of_two_alerts_only_the_one_that_was_refused_goes_to_the_stand_in(
    office: Office, screen: StringIO
) -> None:
    office.slack.script.append(answer(404, "no_service"))
    refused, taken = *office.ring(), *office.ring()
    office.minutes(3)
    assert [row.alert_id for row in office.rows("screen")] == [refused]
    assert [(row.alert_id, row.state) for row in office.rows("slack")] == [
        (refused, "dead"),
        (taken, "delivered"),
    ]
    assert len(screen.getvalue().splitlines()) > 0


def test_failures_of_one_message_are_not_those_of_the_next(office: Office, screen: StringIO) -> None:
    """The third in a row asks a stand-in for the message that failed three times, and this is its first."""
    office.slack.script.extend([DOWN] * 3)
    office.ring()
    office.forward(seconds=7)
    office.ring()
    office.forward(seconds=2)
    assert [row.attempts for row in office.rows("slack")] == [2, 1]
    assert office.rows("screen") == []
    assert screen.getvalue() == ""


def test_whoever_waits_says_for_whom(office: Office) -> None:
    office.with_destinations(slack_to(office.slack), mail_to())
    mail_is_down(office)
    office.slack.script.extend([DOWN] * 1000)
    for _ in range(4):
        office.ring()
        office.forward(seconds=10)
    newest = office.rows()[-2:]
    assert {row.destination: row.reason.partition(" can be ")[0] for row in newest} == {
        "slack": "waits until slack",
        "email": "waits until email",
    }


def test_what_came_later_is_not_given_up_with_what_has_waited_for_a_day(office: Office) -> None:
    with RefusingStandIn() as nobody:
        office.with_destinations(slack_to(office.slack))
        office.channels = {"slack": SlackWebhook(SecretStr(f"http://127.0.0.1:{nobody.port}/hook"))}
        office.ring()
        for _ in range(4):
            office.forward(seconds=20)
        office.forward(hours=23)
        office.ring()
        office.forward(minutes=62)
        office.forward(minutes=6)
    assert [row.state for row in office.rows()] == ["dead", "pending"]
