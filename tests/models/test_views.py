"""What the views say is what happened, counted by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, text

from tests.worker.history import add_alert, add_delivery
from tests.worker.raw import DAY, HOUR, add_days, add_hosts, add_many
from worker.rollups import Period, aggregate, mark_due

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture
def connection(engine: Engine) -> Any:
    with engine.begin() as connection:
        add_hosts(connection, "web-1", "web-2")
        yield connection


def _rows(connection: Connection, query: str, **about: object) -> list[Row[Any]]:
    return list(connection.execute(text(query), about))


def _one(connection: Connection, query: str, **about: object) -> Row[Any]:
    (row,) = _rows(connection, query, **about)
    return row


def test_alert_stats_count_by_day_host_and_rule(connection: Connection) -> None:
    first = add_alert(connection, 1, AT, AT + timedelta(minutes=10))
    connection.execute(
        text("UPDATE infrastructure_alerts SET rule = 'busy', acknowledged_at = opened_at + interval '2 min'")
    )
    again = add_alert(connection, 1, AT + timedelta(minutes=15), AT + timedelta(minutes=45), of=first)
    add_alert(connection, 1, AT + timedelta(days=1), None)
    add_alert(connection, 2, AT, AT + timedelta(minutes=1))
    connection.execute(text("UPDATE infrastructure_alerts SET rule = 'busy'"))
    connection.execute(
        text("UPDATE alert_events SET severity = 'warning' WHERE alert_id = :id"), {"id": again}
    )
    row = _one(connection, "SELECT * FROM v_alert_stats WHERE host = 'web-1' AND day = '2026-11-20'")
    assert (row.alerts, row.incidents, row.criticals, row.acknowledged, row.open_now) == (2, 1, 1, 1, 0)
    assert (row.mean_to_acknowledge, row.mean_to_resolve) == (timedelta(minutes=2), timedelta(minutes=20))
    assert (row.longest, row.messages) == (timedelta(minutes=30), 2)
    later = _one(connection, "SELECT * FROM v_alert_stats WHERE day = '2026-11-21'")
    assert (later.open_now, later.mean_to_resolve) == (1, None)
    assert later.longest > timedelta(0)


def test_alert_stats_leave_drills_out(connection: Connection) -> None:
    add_alert(connection, 1, AT, None)
    connection.execute(text("UPDATE infrastructure_alerts SET is_drill = true"))
    assert _rows(connection, "SELECT * FROM v_alert_stats") == []


def test_a_day_of_alert_stats_is_a_day_in_utc_whatever_the_session(connection: Connection) -> None:
    add_alert(connection, 1, AT.replace(hour=23, minute=30), None)
    connection.execute(text("SET LOCAL timezone = 'Asia/Tokyo'"))
    assert str(_one(connection, "SELECT day FROM v_alert_stats").day) == "2026-11-20"


def test_the_timeline_tells_each_change_with_the_time_since_the_opening(connection: Connection) -> None:
    alert = add_alert(connection, 1, AT, None)
    add_delivery(connection, alert, alert, AT + timedelta(minutes=3), seq=2)
    rows = _rows(connection, "SELECT * FROM v_alert_timeline WHERE host = 'web-1' ORDER BY seq")
    assert [(row.seq, row.after, row.incident_id) for row in rows] == [
        (1, timedelta(0), alert),
        (2, timedelta(minutes=3), alert),
    ]
    assert (rows[0].component, rows[0].unit, rows[0].is_drill) == ("cpu", "percent", False)


def test_deliveries_say_how_long_they_took_and_what_was_answered_last(connection: Connection) -> None:
    add_alert(connection, 1, AT, None)
    connection.execute(
        text("UPDATE notification_attempts SET answer = '503 busy' WHERE outcome = 'delivered'")
    )
    row = _one(connection, "SELECT * FROM v_deliveries")
    assert (row.host, row.destination, row.state) == ("web-1", "slack", "delivered")
    assert (row.took, row.last_answer) == (timedelta(seconds=2), "503 busy")


def test_a_delivery_without_an_attempt_is_there_too(connection: Connection) -> None:
    add_alert(connection, 1, AT, None)
    connection.execute(text("DELETE FROM notification_attempts"))
    assert _one(connection, "SELECT last_answer FROM v_deliveries").last_answer is None


def test_the_history_says_how_complete_an_hour_is(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_many(connection, host_id, HOUR, 540)
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    aggregate(engine, Period.DAY, DAY, DAY + timedelta(days=1))
    with engine.connect() as connection:
        row = _one(connection, "SELECT * FROM v_history_hourly WHERE metric = 'cpu_percent'")
        assert (row.complete_percent, row.unit, row.source) == (75, "percent", "raw")
        day = _one(connection, "SELECT * FROM v_history_daily WHERE metric = 'cpu_percent'")
        assert (day.day, float(day.complete_percent)) == (DAY, 3.1)


def test_gaps_name_what_waits_what_lacks_and_what_was_never_done(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_many(connection, host_id, HOUR, 719)
    aggregate(engine, Period.HOUR, DAY, DAY + timedelta(hours=23))
    with engine.begin() as connection:
        mark_due(connection, [HOUR], now=HOUR + timedelta(hours=2))
    with engine.connect() as connection:
        rows = _rows(connection, "SELECT * FROM v_rollup_gaps WHERE bucket >= :day", day=DAY)
        found = {(row.problem, row.period, row.bucket, row.host) for row in rows}
    assert ("samples are missing", "hour", HOUR, "web-1") in found
    assert ("late samples wait for the next run", "hour", HOUR, None) in found
    assert ("not rolled up", "hour", DAY + timedelta(hours=23), None) in found
    assert ("not rolled up", "day", DAY, None) in found
    assert not any(row[:3] == ("not rolled up", "hour", HOUR) for row in found)
