"""Cleaning up: what is past its horizon goes, as foretold, and nothing else."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, insert, select, table, text

from models import Base, TaskMinute, TaskRun, partitions
from tests.moving_clock import MovingClock
from tests.worker.history import add_alert, add_delivery
from tests.worker.raw import DAY, add_days, add_disk, add_hosts, add_many
from worker.retention import CleanupResult, Horizons, clean
from worker.retention import incidents as incidents_module
from worker.retention import rows as rows_module
from worker.retention.incidents import PARTS
from worker.rollups import Period, aggregate

ONE = timedelta(days=1)
# Day 0 is 2026-11-21; forty days later raw rows of days 0 to 9 are past their horizon.
NOW = DAY + 40 * ONE + timedelta(hours=2)
HORIZONS = Horizons()


@pytest.fixture
def host_id(engine: Engine, clock: MovingClock) -> int:
    """A host with an hour of samples on days 0 and 9, the last that goes, and 10, the first that stays."""
    clock.offset = NOW - datetime.now(UTC)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
    for day in (DAY, DAY + 9 * ONE, DAY + 10 * ONE):
        add_days(engine, day)
        with engine.begin() as connection:
            add_many(connection, host_id, day + timedelta(hours=5), 720)
            add_disk(connection, host_id, day, "/", 50)
    return host_id


def _roll_up(engine: Engine, *days: int) -> None:
    for day in days:
        for period in Period:
            aggregate(engine, period, DAY + day * ONE, DAY + (day + 1) * ONE)


def _clean(engine: Engine, *, dry_run: bool = False, **more: Any) -> CleanupResult:
    return clean(engine, HORIZONS, NOW, dry_run=dry_run, **more)


def _days(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        present = partitions.existing(connection)
    return [one.day.isoformat() for one in present if one.parent == "system_metrics_history"]


def _rows(engine: Engine, name: str) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table(name))).scalar_one()


def _fill(connection: Connection, host_id: int) -> None:
    """Something past its horizon, and something not, in each of the other tables."""
    for age in (91, 90, 89):
        _aggregation(connection, host_id, "hour", age)
        run = {"task": "aggregate.hourly", "origin": "beat", "outcome": "done", "arguments": {}}
        connection.execute(insert(TaskRun).values(started_at=NOW - age * ONE, **run))
    for age in (8, 6):
        totals = {"task": "health.check", "runs": 1, "failed": 0, "total_ms": 100, "longest_ms": 100}
        connection.execute(insert(TaskMinute).values(minute=NOW - age * ONE, **totals))
    for age in (366, 364):
        _aggregation(connection, host_id, "day", age)
        add_alert(connection, host_id, NOW - age * ONE - ONE, NOW - age * ONE)


def _aggregation(connection: Connection, host_id: int, period: str, age: int) -> None:
    bucket = Period(period).floor(NOW - age * ONE)
    connection.execute(
        text(
            "INSERT INTO metric_aggregations (host_id, metric_id, period, bucket, computed_at, sum,"
            " squared_deviation, count, expected, min, max, avg, median, p95, p99, final)"
            " VALUES (:host_id, 1, :period, :bucket, now(), 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, true)"
        ),
        {"host_id": host_id, "period": period, "bucket": bucket},
    )


@pytest.mark.usefixtures("host_id")
def test_whole_days_past_the_horizon_go_and_the_others_stay(engine: Engine) -> None:
    _roll_up(engine, 0, 9)
    result = _clean(engine)
    assert result.refused == ()
    assert {(one.table, one.day, one.rows) for one in result.dropped} >= {
        ("system_metrics_history", "2026-11-21", 720),
        ("disk_metrics_history", "2026-11-30", 1),
    }
    assert len(result.dropped) == 2 * len(partitions.PARTITIONED)
    assert _days(engine)[0] == "2026-12-01"
    assert _rows(engine, "system_metrics_history") == 720


def test_it_keeps_a_week_of_days_ahead(engine: Engine) -> None:
    result = _clean(engine)
    assert len(result.made) == 8 * len(partitions.PARTITIONED)
    assert _days(engine) == [f"{NOW + n * ONE:%Y-%m-%d}" for n in range(8)]
    assert _clean(engine).made == ()


def test_a_dry_run_says_what_the_run_then_does(engine: Engine, host_id: int) -> None:
    _roll_up(engine, 0)  # and day 9 not: its refusal is foretold too
    with engine.begin() as connection:
        _fill(connection, host_id)
    foretold = _clean(engine, dry_run=True, vacuum=True)
    done = _clean(engine, vacuum=True)
    assert foretold.dry_run
    assert done == replace(foretold, dry_run=False)
    assert done.dropped
    assert done.refused
    assert {one.table for one in done.deleted} == {"metric_aggregations", "task_runs", "task_minutes", *PARTS}
    assert done.bytes == sum(one.bytes for one in done.dropped) > 0


def test_a_dry_run_changes_nothing(engine: Engine, host_id: int) -> None:
    _roll_up(engine, 0, 9)
    with engine.begin() as connection:
        _fill(connection, host_id)
    before = {name: _rows(engine, name) for name in Base.metadata.tables}
    assert _clean(engine, dry_run=True).dropped
    assert {name: _rows(engine, name) for name in Base.metadata.tables} == before
    assert _days(engine)[0] == "2026-11-21"


def test_a_second_run_finds_nothing_left(engine: Engine, host_id: int) -> None:
    _roll_up(engine, 0, 9)
    with engine.begin() as connection:
        _fill(connection, host_id)
    _clean(engine)
    again = _clean(engine)
    assert (again.made, again.dropped, again.refused, again.deleted) == ((), (), (), ())


def test_rows_are_deleted_on_the_day_after_their_last(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        _fill(connection, host_id)
    deleted = {(one.table, one.what): (one.before, one.rows) for one in _clean(engine).deleted}
    assert deleted["metric_aggregations", "hourly roll-ups"] == ("2026-10-02 00:00 UTC", 1)
    assert deleted["metric_aggregations", "daily roll-ups"] == ("2025-12-31 00:00 UTC", 1)
    assert deleted["task_runs", "ledger of chores"] == ("2026-10-02 00:00 UTC", 1)
    assert deleted["task_minutes", "minutes of tasks"] == ("2026-12-24 00:00 UTC", 1)
    assert deleted["infrastructure_alerts", "of incidents that are over"] == ("2025-12-31 00:00 UTC", 1)
    assert deleted["notification_attempts", "of incidents that are over"][1] == 2


def test_it_deletes_in_batches(engine: Engine, host_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "BATCH", 2)
    monkeypatch.setattr(incidents_module, "BATCH", 2)
    with engine.begin() as connection:
        for age in range(400, 405):
            _aggregation(connection, host_id, "hour", age)
            add_alert(connection, host_id, NOW - age * ONE - ONE, NOW - age * ONE)
    deleted = {one.table: one.rows for one in _clean(engine).deleted}
    assert deleted["metric_aggregations"] == 5
    assert deleted["infrastructure_alerts"] == 5
    assert _rows(engine, "alert_events") == 0


def test_an_incident_stays_whole_until_its_last_alert_is_old(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        first = add_alert(connection, host_id, NOW - 400 * ONE, NOW - 399 * ONE)
        add_alert(connection, host_id, NOW - 399 * ONE, NOW - 300 * ONE, of=first)
    assert _clean(engine).deleted == ()
    later = clean(engine, Horizons(alert_days=200), NOW, dry_run=False)
    assert {one.table: one.rows for one in later.deleted}["infrastructure_alerts"] == 2


def test_an_alert_that_is_open_is_never_deleted(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        first = add_alert(connection, host_id, NOW - 500 * ONE, NOW - 499 * ONE)
        add_alert(connection, host_id, NOW - 499 * ONE, None, of=first)
    assert _clean(engine).deleted == ()


def test_an_incident_with_a_message_on_its_way_is_not_deleted(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        alert = add_alert(connection, host_id, NOW - 500 * ONE, NOW - 499 * ONE)
        add_delivery(connection, alert, alert, NOW - 499 * ONE, seq=2, state="pending")
    assert _clean(engine).deleted == ()


def test_everything_that_refers_to_an_alert_is_counted(engine: Engine) -> None:
    referring = text("""
        WITH RECURSIVE refers AS (
            SELECT 'infrastructure_alerts'::regclass::oid AS relid
             UNION SELECT conrelid FROM pg_constraint JOIN refers ON confrelid = relid WHERE contype = 'f'
        ) SELECT relid::regclass::text FROM refers""")
    with engine.connect() as connection:
        assert set(connection.scalars(referring)) == set(PARTS)


@pytest.mark.usefixtures("host_id")
def test_its_result_is_plain_enough_for_the_ledger(engine: Engine) -> None:
    _roll_up(engine, 0)
    told = json.loads(json.dumps(asdict(_clean(engine))))
    assert told["day"] == "2026-12-31"
    assert told["dropped"][0].keys() == {"table", "partition", "day", "rows", "bytes"}
    assert told["refused"][0].keys() == {"partition", "day", "why"}


@pytest.mark.parametrize("days", [0, -1])
@pytest.mark.parametrize(
    "kind", ["raw_days", "hourly_days", "daily_days", "alert_days", "run_days", "minute_days"]
)
def test_it_does_not_delete_what_is_in_use(kind: str, days: int) -> None:
    with pytest.raises(ValueError, match=f"{kind}: {days} days would delete what is in use"):
        Horizons(**{kind: days})
