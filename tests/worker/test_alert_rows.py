"""What stands in the row of an alert at each point of its life, and that its neighbours keep theirs."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError

import policy
import settings
from models import Alert, AlertEvent, AlertWatch, Delivery
from tests import samples
from tests.moving_clock import MovingClock
from worker import alerts, stream
from worker.recording import record_waiting

POLICY = policy.load(None, settings.load({}))
ADA = "ada"
By = Callable[[Connection, int], object]


def acknowledge(connection: Connection, number: int) -> None:
    alerts.acknowledge(connection, number, by=ADA)


def give_back(connection: Connection, number: int) -> None:
    alerts.acknowledge(connection, number, by=ADA)
    alerts.unacknowledge(connection, number, by=ADA)


def resolve(connection: Connection, number: int) -> None:
    alerts.resolve(connection, number, by=ADA, reason="a known job")


def note(connection: Connection, number: int) -> None:
    alerts.note(connection, number, by=ADA, text="seen")


def record(engine: Engine, redis: Redis, host: str = "web-1", **figures: Any) -> None:
    stream.publish(redis, samples.system(host, **figures))
    record_waiting(engine, redis, POLICY, consumer="test")


def rows(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(Alert.__table__).order_by(Alert.id)))


def of_others(engine: Engine, number: int) -> list[Any]:
    """Everything that is stored of every alert but this one."""
    with engine.connect() as connection:
        mine = connection.execute(select(Alert.__table__).where(Alert.id == number)).one()
        watches = connection.execute(
            select(AlertWatch.__table__).order_by(AlertWatch.host_id, AlertWatch.component)
        )
        return [
            *connection.execute(select(Alert.__table__).where(Alert.id != number).order_by(Alert.id)),
            *connection.execute(select(AlertEvent.__table__).where(AlertEvent.alert_id != number)),
            *connection.execute(select(Delivery.__table__).where(Delivery.alert_id != number)),
            *(row for row in watches if (row.host_id, row.component) != (mine.host_id, mine.component)),
        ]


@pytest.fixture
def neighbours(engine: Engine, redis: Redis) -> int:
    """Two disks of web-1 and one of web-2 are full, a reminder waits for each; the number of the second."""
    record(engine, redis, disks={"/": 97.0, "/var": 97.0})
    record(engine, redis, "web-2", disks={"/": 97.0})
    with engine.begin() as connection:
        connection.exec_driver_sql("""
            INSERT INTO notification_deliveries (event_id, alert_id, incident_id, due_at, destination, step,
                                                 kind, severity, state, reason)
            SELECT id, alert_id, alert_id, now(), 'lead', 0, 'reminded', 'critical', 'pending', 'a test'
              FROM alert_events
        """)
    number: int = rows(engine)[1].id
    return number


@pytest.mark.parametrize("do", [acknowledge, give_back, resolve, note])
def test_whatever_people_do_to_one_alert_leaves_all_others_as_they_are(
    engine: Engine, neighbours: int, do: By
) -> None:
    before = of_others(engine, neighbours)
    with engine.begin() as connection:
        do(connection, neighbours)
    assert of_others(engine, neighbours) == before
    assert len(before) == 8


def test_ending_an_alert_forgets_its_own_rule_and_not_another_one_of_the_same_component(
    engine: Engine, neighbours: int
) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO alert_watches (host_id, component, rule) SELECT host_id, component, 'disk-fast'"
            "  FROM infrastructure_alerts ORDER BY id LIMIT 1 OFFSET 1"
        )
        resolve(connection, neighbours)
        mine = select(AlertWatch.rule).join(Alert, Alert.host_id == AlertWatch.host_id)
        mine = mine.where(Alert.id == neighbours, Alert.component == AlertWatch.component)
        assert connection.execute(mine).scalars().all() == ["disk-fast"]


@pytest.mark.parametrize("do", [acknowledge, resolve])
def test_what_is_withdrawn_says_when_and_why(engine: Engine, neighbours: int, do: By) -> None:
    with engine.begin() as connection:
        do(connection, neighbours)
        event, delivery = (
            connection.execute(
                select(table.__table__).where(table.alert_id == neighbours).order_by(table.id.desc())
            ).first()
            for table in (AlertEvent, Delivery)
        )
    assert event is not None
    assert delivery is not None
    assert (delivery.state, delivery.finished_at) == ("superseded", event.at)
    assert delivery.reason.startswith("ada ")
    assert delivery.reason.endswith(" it before it was sent")


def test_the_first_to_take_an_alert_has_it(engine: Engine, neighbours: int, clock: MovingClock) -> None:
    with engine.begin() as connection:
        first = alerts.acknowledge(connection, neighbours, by="ada")
    clock.forward(minutes=1)
    with engine.begin() as connection:
        second = alerts.acknowledge(connection, neighbours, by="bob")
    assert (first.taken, first.by) == (True, "ada")
    assert (second.taken, second.by, second.at) == (False, "ada", first.at)
    assert rows(engine)[1].acknowledged_by == "ada"


@pytest.mark.parametrize("do", [acknowledge, note])
def test_whoever_comes_second_waits_before_reading_how_it_stands(
    engine: Engine, neighbours: int, do: By
) -> None:
    with engine.connect() as ada, engine.connect() as bob:
        do(ada, neighbours)
        bob.execute(text("SET lock_timeout = '100ms'"))
        with pytest.raises(OperationalError, match=r"lock timeout[\s\S]*FOR UPDATE"):
            do(bob, neighbours)


def test_ending_does_not_wait_for_whoever_evaluates_another_host(engine: Engine, neighbours: int) -> None:
    with engine.connect() as evaluating, engine.begin() as person:
        evaluating.execute(text("SELECT FROM hosts WHERE name = 'web-2' FOR UPDATE"))
        person.execute(text("SET LOCAL lock_timeout = '100ms'"))
        resolve(person, neighbours)
    assert rows(engine)[1].resolved_at is not None


def test_an_alert_is_stored_with_its_highest_value_since_when_and_what_it_was_held_against(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    for percent in (88.0, 99.0, *[86.0] * 5):
        record(engine, redis, memory_percent=percent)
        clock.forward(seconds=5)
    [row] = rows(engine)
    assert (row.component, row.rule, row.metric, row.unit) == ("memory", "memory-high", "memory_percent", "%")
    assert (row.severity, row.value, row.peak, row.threshold) == ("warning", 86.0, 99.0, 75.0)
    assert row.opened_at - row.breach_since >= timedelta(seconds=30)
    assert row.message.startswith("Memory usage is 86 %, and has been at or above 75 % since ")
    assert (row.seq, row.resolved_at, row.incident_id, row.is_drill) == (1, None, None, False)
    with engine.connect() as connection:
        assert connection.execute(select(AlertEvent.at)).scalars().all() == [row.opened_at]


def test_only_the_same_thing_that_fires_again_soon_is_the_same_incident(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    def ends_and_fires(host: str, disks: dict[str, float], *, after_minutes: int) -> int | None:
        with engine.begin() as connection:
            resolve(connection, rows(engine)[-1].id)
        clock.forward(minutes=after_minutes)
        record(engine, redis, host, disks=disks)
        incident: int | None = rows(engine)[-1].incident_id
        return incident

    record(engine, redis, disks={"/": 97.0})
    first = rows(engine)[0].id
    assert ends_and_fires("web-2", {"/": 97.0}, after_minutes=1) is None
    assert ends_and_fires("web-1", {"/": 30.0, "/var": 97.0}, after_minutes=1) is None
    assert ends_and_fires("web-1", {"/": 97.0, "/var": 30.0}, after_minutes=1) == first
    assert ends_and_fires("web-1", {"/": 97.0, "/var": 30.0}, after_minutes=14) == first
    assert ends_and_fires("web-1", {"/": 97.0, "/var": 30.0}, after_minutes=16) is None


def test_a_worse_value_changes_the_row_and_nobody_has_it_any_more(engine: Engine, redis: Redis) -> None:
    record(engine, redis, disks={"/": 85.0, "/var": 85.0})
    number = rows(engine)[0].id
    with engine.begin() as connection:
        acknowledge(connection, number)
    before = of_others(engine, number)
    record(engine, redis, disks={"/": 97.0, "/var": 85.0})
    row = rows(engine)[0]
    assert (row.severity, row.value, row.peak, row.threshold) == ("critical", 97.0, 97.0, 95.0)
    assert "Disk usage is 97 %, and has been at or above 95 %" in row.message
    assert (row.acknowledged_by, row.acknowledged_at, row.resolved_at) == (None, None, None)
    assert [one for one in of_others(engine, number) if one in before][:2] == before[:2]


def test_an_alert_that_is_over_keeps_its_peak_and_who_had_it(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    record(engine, redis, disks={"/": 97.0})
    with engine.begin() as connection:
        acknowledge(connection, rows(engine)[0].id)
    for _ in range(20):
        clock.forward(seconds=5)
        record(engine, redis, disks={"/": 30.0})
    [row] = rows(engine)
    assert (row.severity, row.value, row.peak, row.threshold) == ("critical", 30.0, 97.0, 80.0)
    assert row.acknowledged_by == "ada"
    assert row.resolved_at is not None
