"""The watchdog's turns: who is told of what, when, how often, and who works meanwhile."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import text

import policy
from settings import Settings
from tests import bell
from tests.standins.behaviour import answer
from tests.standins.http import HttpStandIn
from tests.waiting import until
from tests.watchdog.conftest import PARTS, Book, Kennel
from watchdog.judgement import judge
from watchdog.ping import Pinger
from watchdog.readings import read
from watchdog.verdict import stopped
from worker.health_check import check

ALL = tuple(part for part in PARTS if part != "beat")


@pytest.fixture
def watched(kennel: Kennel) -> Kennel:
    """A Tocsin in which all is well, and which has been watched for a while."""
    kennel.look()
    kennel.pass_time(600)
    kennel.at_work()
    assert kennel.look() == []
    return kennel


def test_while_all_is_well_nobody_hears_anything(watched: Kennel) -> None:
    watched.pass_time(20)
    assert watched.look() == []
    assert watched.messages == []
    assert watched.watchdog.understudy.queues == frozenset()


def test_beat_that_stops_is_told_with_what_to_do_and_what_happens_meanwhile(watched: Kennel) -> None:
    [wrong] = watched.watched(26)
    assert wrong.startswith("no tick of beat has been worked on for 2")
    assert "; start one with tocsin beat" in wrong
    [message] = watched.messages
    assert "CRITICAL tocsin beat: no tick of beat has been worked on for 2" in message
    assert "What to do: start one with tocsin beat, on any host" in message
    assert watched.watchdog.understudy.queues == {"chores", "collect", "health", "notify"}


def test_it_is_told_once_in_15_minutes_and_when_it_is_over(watched: Kennel) -> None:
    watched.watched(26)
    for _ in range(3):
        watched.watched(280)
    assert len(watched.messages) == 1
    watched.watched(61)
    assert len(watched.messages) == 2
    watched.at_work()
    assert watched.look() == []
    assert "OVER tocsin beat: at work again after 15 min" in watched.messages[-1]
    assert watched.watchdog.understudy.queues == frozenset()
    watched.at_work()
    watched.look()
    assert len(watched.messages) == 3


def test_after_a_restart_of_everything_everybody_gets_time_to_begin(
    watched: Kennel, kennel_beside: Kennel
) -> None:
    watched.pass_time(30)
    watched.watchdog.stop()
    assert kennel_beside.look() == []
    kennel_beside.watched(41)
    assert len(kennel_beside.messages) == 1


def test_after_a_pause_of_the_whole_machine_everybody_gets_time_to_go_on(watched: Kennel) -> None:
    watched.paused(50)
    assert watched.look() == []
    assert watched.watchdog.understudy.queues == frozenset()
    watched.at_work()
    assert watched.look() == []
    assert watched.messages == []


def test_whoever_does_not_come_back_after_a_pause_is_told(watched: Kennel) -> None:
    watched.paused(50)
    watched.look()
    assert watched.watched(41) != []
    assert "CRITICAL tocsin beat" in watched.messages[0]


def test_a_part_that_comes_and_goes_is_told_once_in_15_minutes(watched: Kennel) -> None:
    for _ in range(5):
        watched.watched(26)
        watched.watched(40)
        watched.at_work()
        watched.look()
    assert [message.count("CRITICAL tocsin beat") for message in watched.messages] == [1, 0]


def test_a_part_that_stops_anew_and_for_good_is_told_after_five_minutes(watched: Kennel) -> None:
    watched.watched(26)
    watched.at_work()
    watched.look()
    watched.watched(41)
    watched.watched(290)
    assert [message.count("CRITICAL tocsin beat") for message in watched.messages] == [1, 0]
    watched.watched(20)
    watched.watched(280)
    assert [message.count("CRITICAL tocsin beat") for message in watched.messages] == [1, 0, 1]


def test_a_worker_that_consumes_nothing_is_told_of_by_its_queue(watched: Kennel) -> None:
    watched.pass_time(26)
    watched.at_work(*(part for part in PARTS if part != "queue:notify"))
    [wrong] = watched.look()
    assert wrong.startswith("nothing that is put into the queue notify has been done for 2")
    assert watched.watchdog.understudy.queues == {"notify"}


@pytest.mark.parametrize(
    ("dead", "said"),
    [
        ("recorder", "no sample has been stored for 2"),
        ("health.check", "no host has been checked for 2"),
        ("task:notifications.deliver", "nobody has looked for messages to send for 2"),
    ],
)
def test_work_that_fails_though_its_queue_is_worked_on_is_told(watched: Kennel, dead: str, said: str) -> None:
    watched.pass_time(26)
    watched.at_work("beat", *(part for part in ALL if part != dead))
    watched.hosts_speak()
    [wrong] = watched.look()
    assert wrong.startswith(said)


def test_a_host_that_is_silent_while_nobody_checks_hosts_is_told(watched: Kennel) -> None:
    watched.pass_time(50)
    watched.at_work("beat", *(part for part in ALL if part != "health.check"))
    evaluation, collectors = watched.look()
    assert evaluation.startswith("no host has been checked for 5")
    assert collectors.startswith("no sample comes from web-1, and no alert tells of it; ")


def test_a_host_that_is_silent_while_hosts_are_checked_is_left_to_its_alert(watched: Kennel) -> None:
    watched.pass_time(26)
    watched.at_work(*PARTS)
    assert watched.look() == []
    assert watched.messages == []


def test_of_a_host_that_gets_an_alert_after_all_the_watchdog_says_no_more(
    watched: Kennel, redis_client: Redis
) -> None:
    watched.pass_time(50)
    watched.at_work("beat", *(part for part in ALL if part != "health.check"))
    assert len(watched.look()) == 2
    with watched.engine.begin() as connection:
        connection.execute(text("UPDATE heartbeats SET since = since - interval '1 h'"))
    check(watched.engine, redis_client, policy.load(None, Settings()))
    watched.pass_time(16 * 60)
    watched.at_work(*PARTS)
    assert watched.look() == []
    told = "".join(watched.messages)
    assert told.count("collectors has stopped") == 1
    assert "collectors is at work again" not in told
    assert "evaluation is at work again" in told


def test_a_message_that_nobody_sends_is_told_and_sent(watched: Kennel) -> None:
    bell.ring(watched.engine)
    with watched.engine.begin() as connection:
        connection.execute(text("UPDATE alert_events SET at = at - interval '26 seconds'"))
    [wrong] = watched.look()
    assert wrong.startswith("an event has waited to be told for 2")
    assert watched.watchdog.understudy.queues == {"notify"}


def test_a_chore_that_takes_its_time_is_no_dead_queue(watched: Kennel) -> None:
    watched.pass_time(40)
    watched.at_work(*(part for part in PARTS if part != "queue:chores"))
    with watched.engine.begin() as holder:
        holder.execute(
            text("SELECT pg_advisory_xact_lock(hashtextextended('tocsin.task.aggregate.daily', 0))")
        )
        assert watched.look() == []
    assert [one[:49] for one in watched.look()] == ["nothing that is put into the queue chores has been"[:49]]


def test_nobody_is_told_of_a_night_in_which_everything_was_off(watched: Kennel) -> None:
    watched.pass_time(8 * 3600, watched=False)
    assert watched.look() == []
    watched.pass_time(25)
    assert watched.look() == []
    assert watched.messages == []
    watched.pass_time(16)
    assert watched.look() != []


def test_who_looks_at_a_tocsin_that_has_just_begun_sees_nothing_stopped(kennel: Kennel, book: Book) -> None:
    kennel.at_work("beat")
    assert stopped(judge(read(book))) == ()
    for _ in range(5):
        kennel.pass_time(9, watched=False)
        kennel.at_work("beat")
    assert "queue chores" in {verdict.part for verdict in stopped(judge(read(book)))}


def test_the_first_sample_of_all_is_the_sign_that_tocsin_has_begun(kennel: Kennel, book: Book) -> None:
    kennel.at_work("recorder")
    assert stopped(judge(read(book))) == ()
    for _ in range(5):
        kennel.pass_time(9, watched=False)
        kennel.at_work("recorder")
    assert {verdict.part for verdict in stopped(judge(read(book)))} == {"beat"}


def test_what_was_waited_for_after_beat_came_back_gets_its_time(watched: Kennel) -> None:
    watched.watched(40)
    watched.at_work("beat")
    assert watched.look() == []
    assert len(watched.messages) == 2
    watched.pass_time(20)
    watched.at_work("beat")
    assert watched.look() == []


def test_a_slack_that_refuses_arms_no_cooldown(watched: Kennel) -> None:
    watched.slack.script.append(answer(503))
    watched.watched(26)
    assert watched.messages == []
    watched.watchdog._mute_until = 0
    watched.look()
    assert len(watched.messages) == 1


def test_a_second_watchdog_stands_by(watched: Kennel, kennel_beside: Kennel) -> None:
    kennel_beside.watchdog.watching_since -= timedelta(hours=1)
    watched.pass_time(26)
    assert kennel_beside.look() == []
    assert watched.look() != []
    watched.watchdog.database.close()
    until(kennel_beside.look, within=5, what="the second to take over")
    assert len(watched.messages) == 1


def test_outside_is_called_while_all_is_well_and_told_why_when_it_is_not(
    watched: Kennel, outside: HttpStandIn
) -> None:
    watched.watchdog.pinger = Pinger(outside.url("/our-check"))
    watched.look()
    until(lambda: outside.requests, within=5, what="a sign of life outside")
    watched.watchdog.pinger.stop()
    watched.watched(26)
    until(lambda: len(outside.requests) > 1, within=5, what="a call for help outside")
    well, failed = outside.requests
    assert (well.method, well.path) == ("GET", "/our-check")
    assert (failed.method, failed.path) == ("POST", "/our-check/fail")
    assert failed.body.startswith(b"no tick of beat has been worked on for 2")


def test_a_clock_that_is_set_back_an_hour_makes_nobody_dead_nor_immortal(watched: Kennel) -> None:
    watched.pass_time(-3600, watched=False)
    watched.look()
    watched.at_work()
    assert watched.look() == []
    assert watched.watched(41) != []
