"""What becomes of a page when Slack does not simply take it, from the alert to the outbox."""

import itertools
from datetime import timedelta

import pytest
from pydantic import SecretStr

from notifications.channels.slack_bot import SlackBot
from tests.scenarios.office import Office, policy_of, slack_to
from tests.standins.behaviour import Behaviour, answer, flood, hang, reset
from tests.standins.slack import TOKEN
from tests.standins.slack_view import shown

UNAVAILABLE = answer(503, "upstream connect error")


@pytest.fixture
def office(office: Office) -> Office:
    """Only Slack is told."""
    office.with_destinations(slack_to(office.slack))
    return office


def test_a_429_is_not_called_again_before_the_time_it_asked_for(office: Office) -> None:
    office.slack.script.append(answer(429, "rate_limited", {"Retry-After": "30"}))
    office.ring()
    for _ in range(5):
        office.forward(seconds=5)
    assert len(office.slack.requests) == 1
    office.forward(seconds=5)
    assert len(office.slack.requests) == 2
    assert office.states() == {"delivered": 1}


def test_a_429_holds_back_what_comes_after_it_too(office: Office) -> None:
    office.slack.script.append(answer(429, "rate_limited", {"Retry-After": "30"}))
    office.ring()
    office.forward(seconds=10)
    office.ring()
    assert len(office.slack.requests) == 1
    assert office.rows()[1].reason == (
        "waits until slack can be reached again: 127.0.0.1 answered 429: rate_limited"
    )
    office.forward(seconds=20)
    assert office.states() == {"delivered": 2}
    assert office.attempts("slack") == ["retry", "delivered", "delivered"]


def test_a_429_without_a_time_is_tried_again_by_our_own_schedule(office: Office) -> None:
    office.slack.script.append(answer(429, "rate_limited"))
    office.ring()
    office.forward(seconds=4)
    assert len(office.slack.requests) == 1
    office.forward(seconds=3)
    assert office.states() == {"delivered": 1}


def test_500_five_times_is_tried_at_growing_distances_and_sent_once(office: Office) -> None:
    office.slack.script.extend([UNAVAILABLE] * 5)
    tried_at: list[int] = []
    office.ring()
    for second in range(0, 1200, 5):
        if len(office.slack.requests) > len(tried_at):
            tried_at.append(second)
        office.forward(seconds=5)
    pauses = [after - before for before, after in itertools.pairwise(tried_at)]
    assert len(pauses) == 5
    for pause, least in zip(pauses, [5, 15, 60, 300, 300], strict=True):
        assert least <= pause <= 1.2 * least + 10
    assert len(office.on_slack()) == 1
    assert office.attempts("slack") == ["retry"] * 5 + ["delivered"]
    assert office.rows()[0].attempts == 6


def test_a_revoked_webhook_is_dead_at_once_and_says_why(office: Office) -> None:
    office.slack.script.append(answer(404, "no_service"))
    office.ring()
    office.minutes(10)
    assert len(office.slack.requests) == 1
    [row] = office.rows()
    assert (row.state, row.reason) == ("dead", "127.0.0.1 answered 404: no_service")
    assert row.finished_at is not None
    assert office.attempts("slack") == ["permanent"]


def test_an_archived_channel_is_dead_at_once_through_the_bot_too(office: Office) -> None:
    office.channels = {"slack": SlackBot(SecretStr(TOKEN), "#ops", office.slack.api_url)}
    office.slack.script.append(answer(200, '{"ok": false, "error": "is_archived"}'))
    office.ring()
    office.minutes(10)
    assert len(office.slack.requests) == 1
    assert office.states() == {"dead": 1}


def test_a_layout_that_slack_refuses_goes_out_as_plain_text(office: Office) -> None:
    office.slack.script.append(answer(400, "invalid_blocks"))
    office.ring()
    [text] = office.on_slack()
    assert text.startswith("```\nCRITICAL web-1 disk:/1 97 %")
    assert office.attempts("slack") == ["delivered"]


@pytest.mark.parametrize(
    "behaviour",
    [
        answer(200, "<html><body>Welcome to the guest network</body></html>"),
        answer(200, '{"ok": tru'),
        answer(302, "", {"Location": "https://login.example"}),
        flood(10_000_000, start=b"<html>"),
    ],
    ids=["a page", "half of JSON", "a redirection", "ten megabytes"],
)
def test_what_is_not_slacks_own_ok_is_no_delivery(office: Office, behaviour: Behaviour) -> None:
    office.slack.script.append(behaviour)
    office.ring()
    assert office.states() == {"pending": 1}
    office.forward(seconds=7)
    assert office.attempts("slack") == ["retry", "delivered"]
    assert "second copy" not in shown(office.slack.posts[0].message)


def test_a_hang_ends_with_the_deadline_and_the_copy_says_what_it_is(office: Office) -> None:
    office.deadline = timedelta(seconds=0.3)
    office.slack.script.append(hang)
    office.ring()
    [row] = office.rows()
    assert (row.state, row.reason) == ("pending", "to be tried again: no answer within 0.3 seconds")
    office.forward(seconds=7)
    assert office.attempts("slack") == ["ambiguous", "delivered"]
    assert "This may be a second copy" in shown(office.slack.posts[0].message)


def test_a_reset_after_the_message_had_left_is_followed_by_one_copy_that_says_so(office: Office) -> None:
    office.slack.script.append(reset)
    office.ring()
    office.forward(seconds=7)
    office.minutes(10)
    assert len(office.slack.requests) == 2
    assert office.attempts("slack") == ["ambiguous", "delivered"]
    assert "This may be a second copy" in shown(office.slack.posts[0].message)


def test_a_slack_that_is_not_there_at_all_is_tried_again(office: Office) -> None:
    office.with_destinations(slack_to(office.slack))
    office.slack.script.extend([UNAVAILABLE] * 2)
    office.ring()
    office.forward(seconds=7)
    office.forward(seconds=20)
    assert office.states() == {"delivered": 1}
    assert "second copy" not in shown(office.slack.posts[0].message)


def test_a_destination_that_was_taken_out_of_the_file_ends_as_dead(office: Office) -> None:
    office.quietly()
    office.policy = policy_of()
    office.channels = {}
    office.deliver()
    [row] = office.rows()
    assert (row.state, row.reason) == ("dead", "there is no destination slack any more")
