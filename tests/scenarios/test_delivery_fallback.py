"""Who cannot be reached has a stand-in: once, marked as such, and only where the file names one."""

from datetime import timedelta

import pytest

from tests.scenarios.office import Office, mail_to, slack_to
from tests.standins.behaviour import answer, hang
from tests.standins.mailbox import Step

DOWN = answer(503, "down")


@pytest.fixture
def office(office: Office) -> Office:
    """Slack is told; mail stands in for it."""
    office.with_destinations(slack_to(office.slack, fallback="email"), mail_to(), told=("slack",))
    return office


def test_while_all_is_well_the_stand_in_hears_nothing(office: Office) -> None:
    office.ring(3)
    office.minutes(5)
    assert office.in_mail() == []


def test_one_failure_that_passes_is_not_told_to_the_stand_in(office: Office) -> None:
    office.slack.script.append(DOWN)
    office.ring()
    office.minutes(5)
    assert office.in_mail() == []
    assert office.states() == {"delivered": 1}


def test_after_three_failures_the_stand_in_gets_it_marked_as_such(office: Office) -> None:
    office.slack.script.extend([DOWN] * 100)
    office.ring()
    office.forward(seconds=7)
    assert office.in_mail() == []
    office.forward(seconds=20)
    [mail] = office.mailbox.mails
    assert "Sent here because slack could not be reached." in mail.part("plain")
    [row] = office.rows("email")
    assert (row.fallback_for, row.state) == ("slack", "delivered")


def test_what_waits_behind_a_circuit_goes_to_the_stand_in_after_two_minutes(office: Office) -> None:
    office.slack.script.extend([DOWN] * 100)
    for _ in range(3):
        office.ring()
        office.forward(seconds=1)
    office.ring()
    waiting = office.rows("slack")[3]
    office.forward(seconds=60)
    assert waiting.event_id not in {row.event_id for row in office.rows("email")}
    office.minutes(2)
    assert waiting.event_id in {row.event_id for row in office.rows("email")}
    assert office.rows("slack")[3].attempts <= 1


def test_a_pause_that_was_asked_for_is_waited_out_for_two_minutes_only(office: Office) -> None:
    office.slack.script.append(answer(429, "rate_limited", {"Retry-After": "900"}))
    office.ring()
    office.forward(seconds=100)
    assert office.in_mail() == []
    office.forward(seconds=30)
    assert len(office.in_mail()) == 1


def test_what_is_refused_for_good_goes_to_the_stand_in_at_once(office: Office) -> None:
    office.slack.script.append(answer(404, "no_service"))
    office.ring()
    assert office.states("slack") == {"dead": 1}
    assert len(office.in_mail()) == 1
    assert office.rows("email")[0].reason.startswith("delivered: ")


def test_it_happens_once_and_the_original_goes_on_being_tried(office: Office) -> None:
    office.slack.script.extend([DOWN] * 6)
    office.ring()
    office.minutes(30)
    assert len(office.in_mail()) == 1
    assert len(office.on_slack()) == 1
    assert office.states() == {"delivered": 2}


def test_without_a_stand_in_in_the_file_nobody_else_is_told(office: Office) -> None:
    office.with_destinations(slack_to(office.slack), mail_to(), told=("slack",))
    office.slack.script.extend([DOWN] * 1000)
    office.ring()
    office.minutes(30)
    assert office.in_mail() == []


def test_who_was_told_by_a_route_of_its_own_is_not_told_twice(office: Office) -> None:
    office.with_destinations(slack_to(office.slack, fallback="email"), mail_to())
    office.slack.script.append(answer(404, "no_service"))
    office.ring()
    office.minutes(5)
    assert len(office.in_mail()) == 1
    assert office.rows("email")[0].fallback_for is None


def test_the_stand_in_is_told_the_end_as_well(office: Office) -> None:
    office.slack.script.append(answer(404, "no_service"))
    office.end(office.ring())
    assert [subject.split()[0] for subject in office.in_mail()] == ["CRITICAL", "RESOLVED"]


def test_a_stand_in_that_could_not_be_told_is_not_told_when_the_original_was_reached(
    office: Office,
) -> None:
    office.slack.script.extend([DOWN] * 3)
    office.mailbox.script[Step.GREETING].append("421 4.3.2 down")
    office.ring()
    office.forward(seconds=7)
    office.forward(seconds=20)
    assert office.states("email") == {"pending": 1}
    with office.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE notification_deliveries SET due_at = due_at + interval '20 minutes' "
            "WHERE destination = 'email'"
        )
    office.minutes(25)
    assert office.states("slack") == {"delivered": 1}
    [row] = office.rows("email")
    assert (row.state, row.reason) == ("superseded", "slack got it after all")


def test_a_storm_that_cannot_be_delivered_is_one_digest_for_the_stand_in(office: Office) -> None:
    office.slack.script.extend([DOWN] * 100)
    office.ring(40)
    office.minutes(4)
    assert office.in_mail() == ["CRITICAL 40 alerts on web-1: 40 critical [digest 41]"]
    assert "Sent here because slack could not be reached." in office.mailbox.mails[0].part("plain")


def test_stand_ins_of_stand_ins_are_told_too(office: Office) -> None:
    office.with_destinations(mail_to(fallback="slack"), slack_to(office.slack), told=("email",))
    office.mailbox.script[Step.RCPT].append("550 5.1.1 no such user")
    office.ring()
    assert len(office.on_slack()) == 1


def test_a_hanging_destination_has_its_stand_in_too(office: Office) -> None:
    office.deadline = timedelta(seconds=0.3)
    office.slack.script.extend([hang] * 3)
    office.ring()
    office.forward(seconds=7)
    office.forward(seconds=20)
    office.deadline = timedelta(seconds=20)  # a mail that is late on a busy machine is no matter here
    office.forward(minutes=2)
    assert len(office.in_mail()) == 1


def test_downtime_of_our_own_is_no_failure_of_theirs(office: Office) -> None:
    office.quietly()
    office.forward(hours=1)
    assert office.in_mail() == []
    assert office.states() == {"delivered": 1}
