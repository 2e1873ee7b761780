"""In order, and by one sender at a time: who holds what, what waits for what, and who comes back too late."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models import clock
from notifications.channels.base import DeliveryError, Message, Receipt
from notifications.delivery.claiming import Claim, claim
from notifications.delivery.parcel import Outcome, Parcel
from notifications.delivery.recording import record
from tests import bell
from tests.notifications.examples import notice
from tests.scenarios.office import RENDERER, Office, mail_to, slack_to
from tests.waiting import until

LEASE = timedelta(seconds=60)
ARRIVED = Receipt("<arrived>", "250 taken")
LOST = DeliveryError("the connection was reset", ambiguous=True)
REFUSED = DeliveryError("mail answered 451: later")


@pytest.fixture
def office(office: Office) -> Office:
    """Only ada is told, by mail."""
    office.with_destinations(mail_to())
    return office


def claimed(office: Office) -> Claim:
    with office.engine.begin() as connection:
        return claim(connection, office.policy, "email", lease=LEASE)


def held(office: Office) -> Parcel:
    """The one message that another sender, who is slow or dead, has claimed."""
    [parcel] = claimed(office).parcels
    return parcel


def comes_back(office: Office, parcel: Parcel, answer: Receipt | DeliveryError) -> bool:
    """The other sender records what came of its sending at last."""
    receipt = answer if isinstance(answer, Receipt) else None
    error = answer if isinstance(answer, DeliveryError) else None
    rendered = RENDERER.render(notice())
    outcome = Outcome(timedelta(0), rendered, receipt, error)
    with office.engine.begin() as connection:
        return record(connection, parcel, outcome, office.policy, office.post.random)


def worsen(office: Office, alert_id: int) -> None:
    """A warning turns critical."""
    with office.engine.begin() as connection:
        about = {"id": alert_id, "now": clock.now(connection)}
        connection.execute(
            text("UPDATE infrastructure_alerts SET severity = 'critical', seq = seq + 1 WHERE id = :id"),
            about,
        )
        connection.execute(bell.EVENTS, {"ids": [alert_id], "kind": "worsened", "now": about["now"]})


def test_what_one_sender_has_no_other_sends(office: Office) -> None:
    office.quietly()
    held(office)
    office.deliver()
    office.forward(seconds=59)
    assert office.in_mail() == []


def test_an_abandoned_message_is_taken_over_and_marked_as_a_possible_copy(office: Office) -> None:
    office.quietly()
    held(office)
    office.forward(seconds=61)
    [mail] = office.mailbox.mails
    assert "This may be a second copy" in mail.part("plain")
    [row] = office.rows()
    assert (row.state, row.attempts) == ("delivered", 2)


def test_a_message_that_surely_failed_is_not_marked_when_it_is_sent_again(office: Office) -> None:
    office.quietly()
    assert comes_back(office, held(office), REFUSED)
    office.forward(seconds=7)
    assert "second copy" not in office.mailbox.mails[0].part("plain")


def test_a_message_that_may_have_arrived_is_marked_when_it_is_sent_again(office: Office) -> None:
    office.quietly()
    assert comes_back(office, held(office), LOST)
    office.forward(seconds=7)
    assert "This may be a second copy" in office.mailbox.mails[0].part("plain")


def test_a_mark_stays_however_surely_later_copies_failed(office: Office) -> None:
    office.quietly()
    comes_back(office, held(office), LOST)
    office.clock.forward(seconds=7)
    comes_back(office, held(office), REFUSED)
    office.forward(seconds=20)
    assert "This may be a second copy" in office.mailbox.mails[0].part("plain")


def test_a_sender_that_comes_back_too_late_changes_nothing(office: Office) -> None:
    office.quietly()
    late = held(office)
    office.clock.forward(seconds=61)
    taken_over = held(office)
    assert not comes_back(office, late, REFUSED)
    assert office.states() == {"sending": 1}
    assert comes_back(office, taken_over, ARRIVED)
    assert office.states() == {"delivered": 1}
    assert office.attempts("email") == ["retry", "delivered"]


def test_what_arrived_is_not_sent_again_though_its_sender_came_back_late(office: Office) -> None:
    office.quietly()
    late = held(office)
    office.clock.forward(seconds=61)
    comes_back(office, held(office), REFUSED)
    assert comes_back(office, late, ARRIVED)
    office.minutes(10)
    assert office.states() == {"delivered": 1}
    assert office.in_mail() == []


def test_a_late_failure_does_not_undo_a_delivery(office: Office) -> None:
    office.quietly()
    late = held(office)
    office.clock.forward(seconds=61)
    comes_back(office, held(office), ARRIVED)
    assert not comes_back(office, late, LOST)
    assert office.states() == {"delivered": 1}


def test_nothing_of_an_incident_leaves_while_another_of_it_is_on_its_way(office: Office) -> None:
    [alert] = office.quietly(critical_every=100)
    warning = held(office)
    worsen(office, alert)
    office.forward(seconds=1)
    assert office.in_mail() == []
    comes_back(office, warning, ARRIVED)
    office.forward(seconds=1)
    assert [subject.split()[0] for subject in office.in_mail()] == ["CRITICAL"]


def test_another_incident_does_not_wait_for_it(office: Office) -> None:
    office.quietly()
    held(office)
    office.ring()
    assert len(office.in_mail()) == 1


def test_an_end_waits_for_the_firing_that_is_on_its_way(office: Office) -> None:
    ids = office.quietly()
    firing = held(office)
    office.end(ids)
    assert office.in_mail() == []
    comes_back(office, firing, ARRIVED)
    office.forward(seconds=1)
    [end] = office.mailbox.mails
    assert end.first_line.startswith("RESOLVED")
    assert end.message["In-Reply-To"] == ARRIVED.provider_id


def test_the_worst_goes_first(office: Office) -> None:
    office.ring(9, critical_every=3)
    [first, *_] = office.in_mail()
    assert first.startswith("CRITICAL")
    office.with_destinations(mail_to())
    order = sorted(office.rows(), key=lambda row: row.finished_at)
    assert {row.severity for row in order[:3]} == {"critical"}


def test_what_is_no_longer_wanted_was_not_tried(office: Office) -> None:
    ids = office.quietly(critical_every=100)
    bell.end(office.engine, ids)
    assert claimed(office).parcels == ()
    [row] = office.rows()
    assert (row.state, row.attempts, row.reason) == ("superseded", 0, "it was over before it could be sent")


def test_what_a_plan_takes_back_at_this_moment_is_not_claimed_and_not_waited_for(office: Office) -> None:
    office.quietly()
    with office.engine.begin() as planning:
        planning.exec_driver_sql("UPDATE notification_deliveries SET state = 'superseded'")
        assert claimed(office).parcels == ()


def test_two_claims_for_one_destination_do_not_go_on_side_by_side(office: Office) -> None:
    """Else both would count on the same tokens."""
    office.with_destinations(mail_to(per_minute=1))
    office.ring()
    office.clock.forward(minutes=2)
    office.quietly()
    with ThreadPoolExecutor() as threads:
        with office.engine.begin() as first:
            assert len(claim(first, office.policy, "email", lease=LEASE).parcels) == 1
            office.quietly()
            second = threads.submit(claimed, office)
            until(lambda: second.done() or _waits(office), within=5, what="the second claim")
        assert second.result().parcels == ()


def test_while_one_message_tries_a_destination_no_other_does(office: Office) -> None:
    office.quietly(5)
    for parcel in claimed(office).parcels:
        comes_back(office, parcel, REFUSED)
    office.clock.forward(seconds=40)
    probe = held(office)
    assert probe.probe
    assert claimed(office).parcels == ()
    comes_back(office, probe, ARRIVED)
    assert len(claimed(office).parcels) > 1


def _waits(office: Office) -> bool:
    """Whether anybody waits for a lock."""
    with office.engine.connect() as connection:
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(connection.execute(waiting).scalar_one())


class Broken:
    """A channel with a fault of ours in it."""

    async def send(self, message: Message) -> Receipt:
        raise ZeroDivisionError(message.key)


def test_a_fault_in_a_channel_is_a_failure_like_any_other(office: Office) -> None:
    office.with_destinations(mail_to(), slack_to(office.slack))
    office.channels = {**office.channels, "slack": Broken()}
    office.ring()
    assert len(office.in_mail()) == 1
    assert office.attempts("slack") == ["ambiguous"]
    assert office.rows("slack")[0].reason == "to be tried again: the channel broke: ZeroDivisionError"


def test_a_destination_that_cannot_be_recorded_lets_the_others_finish(office: Office) -> None:
    office.with_destinations(slack_to(office.slack), mail_to())
    with office.engine.begin() as connection:
        connection.exec_driver_sql("""
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON notification_deliveries FOR EACH ROW
                WHEN (NEW.destination = 'slack' AND NEW.state = 'delivered') EXECUTE FUNCTION refuse();
        """)
    office.quietly(8)
    with pytest.raises(DBAPIError, match="not this one"):
        office.deliver()
    assert office.states("email") == {"delivered": 8}
