"""What people do to an alert: take it, give it back, end it and note something, each with its event."""

from collections.abc import Sequence
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import OperationalError

import policy
import settings
from models import Alert, AlertEvent, AlertWatch, Delivery
from tests import samples
from tests.moving_clock import MovingClock
from worker import stream
from worker.alerts import NoSuchAlert, acknowledge, note, resolve, unacknowledge
from worker.recording import record_waiting

POLICY = policy.load(None, settings.load({}))
FULL, EMPTY = {"/": 97.0}, {"/": 10.0}


def record(engine: Engine, redis: Redis, **figures: Any) -> None:
    stream.publish(redis, samples.system(**figures))
    record_waiting(engine, redis, POLICY, consumer="test")


@pytest.fixture
def firing(engine: Engine, redis: Redis, clock: MovingClock) -> int:
    """The number of an open alert: the disk of web-1 is full."""
    record(engine, redis, disks=FULL)
    clock.forward(seconds=5)
    with engine.connect() as connection:
        return connection.execute(select(Alert.id)).scalar_one()


def last_event(engine: Engine) -> tuple[str, str, str]:
    """What happened last, who did it, and why."""
    with engine.connect() as connection:
        row = connection.execute(select(AlertEvent.__table__).order_by(AlertEvent.id.desc())).first()
    assert row is not None
    return row.kind, row.actor, row.reason


def alerts(engine: Engine) -> Sequence[Any]:
    with engine.connect() as connection:
        return connection.execute(select(Alert.__table__).order_by(Alert.id)).all()


def plan(connection: Connection, alert_id: int, kind: str, state: str = "pending") -> int:
    """A delivery of this kind, as the planner would have written it."""
    event_id = (
        connection.execute(select(AlertEvent.id).where(AlertEvent.alert_id == alert_id)).scalars().first()
    )
    step = connection.execute(text("SELECT count(*) FROM notification_deliveries")).scalar_one()
    return connection.execute(
        insert(Delivery)
        .values(
            event_id=event_id,
            alert_id=alert_id,
            incident_id=alert_id,
            due_at=text("now()"),
            destination="lead",
            step=step,
            kind=kind,
            severity="critical",
            state=state,
            reason="a test",
        )
        .returning(Delivery.id)
    ).scalar_one()


def states(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(Delivery.kind, Delivery.state).order_by(Delivery.id))
        return [(row.kind, row.state) for row in rows]


def test_giving_back_leaves_nobody_with_it(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        acknowledge(connection, firing, by="ada")
        assert unacknowledge(connection, firing, by="ada") == "ada"
    assert last_event(engine) == ("unacknowledged", "ada", "ada gave it back")
    assert alerts(engine)[0].acknowledged_by is None
    assert alerts(engine)[0].acknowledged_at is None


def test_whoever_takes_it_from_somebody_else_is_written_down(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        acknowledge(connection, firing, by="ada")
        assert unacknowledge(connection, firing, by="bob") == "ada"
    assert last_event(engine) == ("unacknowledged", "bob", "bob took it from ada, and nobody has it now")


def test_what_nobody_has_cannot_be_given_back(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        assert unacknowledge(connection, firing, by="ada") is None
    assert last_event(engine)[0] == "opened"


def test_it_can_be_taken_again_after_it_was_given_back(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        acknowledge(connection, firing, by="ada")
        unacknowledge(connection, firing, by="ada")
        assert acknowledge(connection, firing, by="bob").taken
    assert alerts(engine)[0].acknowledged_by == "bob"


@pytest.mark.parametrize("kind", ["escalated", "reminded"])
def test_ending_withdraws_what_nobody_waits_for(engine: Engine, firing: int, kind: str) -> None:
    with engine.begin() as connection:
        plan(connection, firing, kind)
        plan(connection, firing, kind, state="delivered")
        plan(connection, firing, "opened")
        resolve(connection, firing, by="ada", reason="a false alarm")
    assert states(engine) == [(kind, "superseded"), (kind, "delivered"), ("opened", "pending")]


def test_ending_that_is_rolled_back_has_done_nothing(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        plan(connection, firing, "escalated")
    with engine.connect() as connection:
        resolve(connection, firing, by="ada", reason="a false alarm")
        connection.rollback()
    assert states(engine) == [("escalated", "pending")]
    assert alerts(engine)[0].resolved_at is None
    assert last_event(engine)[0] == "opened"


def test_the_event_says_who_ended_it_why_and_at_which_value(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        resolve(connection, firing, by="ada", reason="a false alarm")
    assert last_event(engine) == ("resolved", "ada", "ada ended it by hand: a false alarm")
    with engine.connect() as connection:
        row = connection.execute(select(AlertEvent.__table__).order_by(AlertEvent.id.desc())).first()
    assert row is not None
    assert (row.value, row.threshold, row.at) == (97.0, 95.0, alerts(engine)[0].resolved_at)


def test_a_breach_that_goes_on_opens_a_new_alert_of_the_same_incident(
    engine: Engine, redis: Redis, firing: int
) -> None:
    with engine.begin() as connection:
        resolve(connection, firing, by="ada", reason="a false alarm")
    record(engine, redis, disks=FULL)
    first, second = alerts(engine)
    assert first.resolved_at is not None
    assert (second.resolved_at, second.incident_id) == (None, firing)


def test_a_breach_that_goes_on_has_to_last_anew(engine: Engine, redis: Redis, clock: MovingClock) -> None:
    for _ in range(14):
        record(engine, redis, cpu_percent=99.0)
        clock.forward(seconds=5)
    [alert] = alerts(engine)
    with engine.begin() as connection:
        resolve(connection, alert.id, by="ada", reason="a known job")
    for _ in range(12):
        record(engine, redis, cpu_percent=99.0)
        clock.forward(seconds=5)
    assert len(alerts(engine)) == 1
    record(engine, redis, cpu_percent=99.0)
    assert len(alerts(engine)) == 2


def test_a_breach_that_is_over_opens_nothing(engine: Engine, redis: Redis, firing: int) -> None:
    with engine.begin() as connection:
        resolve(connection, firing, by="ada", reason="swapped the disk")
    record(engine, redis, disks=EMPTY)
    assert len(alerts(engine)) == 1
    with engine.connect() as connection:
        assert connection.execute(select(AlertWatch.rule)).all() == []


def test_ending_waits_for_whoever_evaluates_the_host(engine: Engine, firing: int) -> None:
    with engine.connect() as evaluating, engine.connect() as person:
        evaluating.execute(text("SELECT FROM hosts WHERE name = 'web-1' FOR UPDATE"))
        person.execute(text("SET lock_timeout = '200ms'"))
        with pytest.raises(OperationalError, match="lock timeout"):
            resolve(person, firing, by="ada", reason="a false alarm")


def test_a_note_is_kept_beside_an_alert_that_is_over(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        resolve(connection, firing, by="ada", reason="swapped the disk")
        note(connection, firing, by="bob", text="the old disk is in the cupboard")
    assert last_event(engine) == ("noted", "bob", "the old disk is in the cupboard")


def test_what_is_over_cannot_be_given_back_or_ended_again(engine: Engine, firing: int) -> None:
    with engine.begin() as connection:
        resolve(connection, firing, by="ada", reason="swapped the disk")
        with pytest.raises(NoSuchAlert, match=f"alert {firing} is over since "):
            unacknowledge(connection, firing, by="ada")
        with pytest.raises(NoSuchAlert, match=f"alert {firing} is over since "):
            resolve(connection, firing, by="ada", reason="again")


def test_what_does_not_exist_cannot_be_changed(engine: Engine) -> None:
    with engine.begin() as connection:
        with pytest.raises(NoSuchAlert, match="there is no alert 99"):
            unacknowledge(connection, 99, by="ada")
        with pytest.raises(NoSuchAlert, match="there is no alert 99"):
            resolve(connection, 99, by="ada", reason="nothing")
        with pytest.raises(NoSuchAlert, match="there is no alert 99"):
            note(connection, 99, by="ada", text="nothing")
