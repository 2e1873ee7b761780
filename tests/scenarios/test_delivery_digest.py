"""Many alerts at once: one message that counts all of them, and an outbox that knows of each."""

import itertools

from sqlalchemy import text

from tests.scenarios.office import Office, mail_to, slack_to
from tests.standins.behaviour import answer, reset
from tests.standins.mailbox import Fault, Step
from tests.standins.slack_view import shown


def test_ten_at_once_are_ten_messages(office: Office) -> None:
    office.ring(10)
    assert len(office.in_mail()) == 10
    assert all(row.digest_id is None for row in office.rows("email"))


def test_eleven_at_once_are_one(office: Office) -> None:
    office.ring(11, hosts=3, critical_every=2)
    assert office.in_mail() == ["CRITICAL 11 alerts on 3 hosts: 5 critical, 6 warning [digest 4]"]
    assert office.on_slack() == ["CRITICAL 11 alerts on 3 hosts: 5 critical, 6 warning"]


def test_all_of_a_digest_are_delivered_by_the_same_message_each_with_its_attempt(office: Office) -> None:
    office.ring(30)
    rows = office.rows("email")
    [mail] = office.mailbox.mails
    assert {row.state for row in rows} == {"delivered"}
    assert {row.provider_id for row in rows} == {mail.message["Message-ID"]}
    assert {row.digest_id for row in rows} == {rows[0].id}
    assert {row.attempts for row in rows} == {1}
    assert office.attempts("email") == ["delivered"] * 30


def test_criticals_stand_first_in_it(office: Office) -> None:
    office.ring(60, critical_every=7)
    lines = [line for line in office.mailbox.mails[0].part("plain").splitlines() if line.startswith("- ")]
    assert [line.split()[1] for line in lines[:-1]] == ["CRITICAL"] * 8 + ["WARNING"] * 32
    assert "and 20 more" in lines[-1]


def test_two_recipients_get_a_digest_each(office: Office) -> None:
    office.with_destinations(mail_to("ada@example.com", "ben@example.com"))
    office.ring(12)
    assert sorted(mail.recipients for mail in office.mailbox.mails) == [
        ("ada@example.com",),
        ("ben@example.com",),
    ]
    assert office.states() == {"delivered": 24}


def test_above_the_rate_few_are_gathered_too(office: Office) -> None:
    office.with_destinations(mail_to(per_minute=4))
    office.ring(2)
    office.ring(5)
    office.forward(seconds=30)
    assert office.in_mail()[2:] == ["CRITICAL 5 alerts on web-1: 5 critical [digest 3]"]
    assert "5 were due, and it may get" in office.mailbox.mails[2].part("plain")


def test_the_rate_holds_however_many_there_are(office: Office) -> None:
    office.with_destinations(mail_to(per_minute=4))
    for _ in range(30):
        office.ring(2)
        office.forward(seconds=10)
    assert len(office.in_mail()) <= 5 * 4 + 4
    office.minutes(1)
    assert office.states() == {"delivered": 60}


def test_slack_gets_one_message_a_second(office: Office) -> None:
    office.with_destinations(slack_to(office.slack))
    office.ring(4)
    times = [post.at for post in office.slack.posts]
    assert len(times) == 4
    assert all(after - before >= 1 for before, after in itertools.pairwise(times))


def test_a_digest_that_failed_puts_all_back(office: Office) -> None:
    office.with_destinations(slack_to(office.slack))
    office.slack.script.append(answer(503, "down"))
    office.ring(20)
    rows = office.rows()
    assert {(row.state, row.digest_id, row.attempts) for row in rows} == {("pending", None, 1)}
    assert len({row.due_at for row in rows}) == 1
    assert office.attempts("slack") == ["retry"] * 20
    office.forward(seconds=7)
    assert office.states() == {"delivered": 20}
    assert len(office.on_slack()) == 1


def test_what_came_meanwhile_joins_a_digest_that_surely_failed(office: Office) -> None:
    office.with_destinations(slack_to(office.slack))
    office.slack.script.append(answer(503, "down"))
    office.ring(20)
    office.quietly(5)
    office.forward(seconds=7)
    assert office.on_slack() == ["CRITICAL 25 alerts on web-1: 25 critical"]


def test_a_digest_that_is_refused_for_good_is_dead_as_a_whole(office: Office) -> None:
    office.with_destinations(slack_to(office.slack))
    office.slack.script.append(answer(404, "no_service"))
    office.ring(20)
    assert office.states() == {"dead": 20}


def test_a_copy_of_a_digest_is_the_same_message_and_nothing_new_is_in_it(office: Office) -> None:
    """A mail program that drops a copy it knows must not drop what was not in the first."""
    office.with_destinations(mail_to())
    office.mailbox.script[Step.TAKEN].append(Fault.DROP)
    office.ring(20)
    office.quietly(3)
    office.forward(seconds=7)
    first, *others = office.mailbox.mails
    [copy] = [mail for mail in others if mail.message["Message-ID"] == first.message["Message-ID"]]
    assert "This may be a second copy" not in first.part("plain")
    assert "This may be a second copy" in copy.part("plain")
    assert "20 critical" in str(copy.message["Subject"])
    assert len(others) == 4
    assert office.states() == {"delivered": 23}


def test_what_ended_meanwhile_is_not_in_the_copy(office: Office) -> None:
    office.with_destinations(mail_to())
    office.mailbox.script[Step.TAKEN].append(Fault.DROP)
    ids = office.ring(20, critical_every=100)
    office.end(ids[:5])
    office.forward(seconds=7)
    first, *others = office.mailbox.mails
    [copy] = [mail for mail in others if mail.message["Message-ID"] == first.message["Message-ID"]]
    assert "15 alerts" in str(copy.message["Subject"])


def test_alerts_that_were_perhaps_told_alone_are_marked_in_their_lines(office: Office) -> None:
    office.with_destinations(slack_to(office.slack))
    office.slack.script.append(reset)
    office.ring()
    office.quietly(19)
    office.forward(seconds=7)
    assert shown(office.slack.posts[-1].message).count("perhaps told before") == 1


def test_a_digest_arms_the_cooldown_of_each(office: Office) -> None:
    ids = office.ring(20, critical_every=100)
    with office.engine.begin() as connection:
        connection.execute(
            text("""
                INSERT INTO alert_events (alert_id, at, seq, kind, severity, actor, reason)
                SELECT id, :now, 2, 'reminded', severity, 'tocsin', 'again'
                  FROM infrastructure_alerts WHERE id = ANY(:ids)
            """),
            {"ids": ids, "now": office.rows()[0].finished_at},
        )
    office.forward(minutes=1)
    held = [row for row in office.rows("email") if row.kind == "reminded"]
    assert {row.state for row in held} == {"pending"}
    assert all("was delivered here at" in row.reason for row in held)


def test_all_that_ends_at_once_is_told_in_one_message(office: Office) -> None:
    office.end(office.ring(20))
    assert office.in_mail()[-1].startswith("RESOLVED 20 alerts on web-1: 20 over")


def test_an_alert_of_a_digest_that_ends_is_told_in_its_thread(office: Office) -> None:
    ids = office.ring(20)
    office.end(ids[:1])
    digest, ended = office.mailbox.mails
    assert ended.message["In-Reply-To"] == digest.message["Message-ID"]


def test_what_ended_before_it_was_gathered_is_not_told(office: Office) -> None:
    office.with_destinations(mail_to())
    ids = office.quietly(20, critical_every=100)
    office.end(ids[:15])
    assert office.states() == {"superseded": 15, "delivered": 5}
