"""No raw row goes that is still needed, and whoever cleans up is told why it stayed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from models import partitions
from models.session import Patience
from tests.moving_clock import MovingClock
from tests.worker.history import add_alert
from tests.worker.raw import DAY, add_days, add_hosts, add_many
from worker.retention import CleanupResult, Horizons, clean, cleaning, holds
from worker.rollups import Period, aggregate, mark_due

NOW = DAY + timedelta(days=40, hours=2)
HOUR = timedelta(hours=1)
SYSTEM = "system_metrics_history_20261121"


@pytest.fixture
def host_id(engine: Engine, clock: MovingClock) -> int:
    """A host with an hour of samples on a day that is past its horizon."""
    clock.offset = NOW - datetime.now(UTC)
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_many(connection, host_id, DAY + 5 * HOUR, 720)
    return host_id


@pytest.fixture
def rolled_up(engine: Engine, host_id: int) -> int:
    """The same host, when all that it sent is rolled up."""
    for period in Period:
        aggregate(engine, period, DAY, DAY + timedelta(days=1))
    return host_id


def _clean(engine: Engine) -> CleanupResult:
    return clean(engine, Horizons(), NOW, dry_run=False)


def _why(engine: Engine) -> str:
    """Why the day's system samples stayed; they must have stayed."""
    result = _clean(engine)
    with engine.connect() as connection:
        assert SYSTEM in {partition.name for partition in partitions.existing(connection)}
    return next(refusal.why for refusal in result.refused if refusal.partition == SYSTEM)


@contextmanager
def _reader(engine: Engine) -> Iterator[None]:
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM system_metrics_history"))
        yield


@pytest.mark.usefixtures("host_id")
def test_a_day_that_was_never_rolled_up_stays(engine: Engine) -> None:
    assert _why(engine) == (
        "25 of its 25 roll-ups (24 hours and the day) are not final, the first is the day of"
        " 2026-11-21 00:00 UTC; aggregate it and clean up again"
    )


@pytest.mark.usefixtures("host_id")
def test_a_day_that_lacks_one_hour_stays(engine: Engine) -> None:
    aggregate(engine, Period.DAY, DAY, DAY + timedelta(days=1))
    aggregate(engine, Period.HOUR, DAY, DAY + 7 * HOUR)
    aggregate(engine, Period.HOUR, DAY + 8 * HOUR, DAY + 24 * HOUR)
    assert "1 of its 25 roll-ups" in _why(engine)
    assert "the hour of 2026-11-21 07:00 UTC" in _why(engine)


@pytest.mark.usefixtures("rolled_up")
def test_a_roll_up_that_was_not_final_does_not_count(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE rollup_windows SET final = false WHERE period = 'day'"))
    assert "the first is the day of 2026-11-21" in _why(engine)


@pytest.mark.usefixtures("rolled_up")
def test_a_day_for_which_samples_came_late_stays_until_they_are_rolled_up(engine: Engine) -> None:
    with engine.begin() as connection:
        mark_due(connection, [DAY], now=NOW)
    assert _why(engine) == "samples came late and wait for the next roll-up"


@pytest.mark.usefixtures("rolled_up")
def test_samples_that_came_late_for_the_days_beside_it_keep_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        mark_due(connection, [DAY - HOUR, DAY + timedelta(days=1)], now=NOW)
    assert SYSTEM in {one.partition for one in _clean(engine).dropped}


def test_a_day_with_a_row_that_no_roll_up_has_seen_stays(engine: Engine, rolled_up: int) -> None:
    with engine.begin() as connection:
        add_many(connection, rolled_up, DAY + 9 * HOUR, 1)  # and nobody took a note
    assert _why(engine) == (
        "it holds 721 samples of web-1 and its roll-up has seen 720;"
        " aggregate 2026-11-21 again with force and clean up again"
    )


def test_a_day_with_a_host_that_no_roll_up_has_seen_stays(engine: Engine, rolled_up: int) -> None:
    with engine.begin() as connection:
        add_many(connection, rolled_up + 1, DAY, 10)
    assert "it holds 10 samples of host 2 and its roll-up has seen 0" in _why(engine)


def test_the_day_on_which_an_open_alert_began_stays(engine: Engine, rolled_up: int) -> None:
    with engine.begin() as connection:
        alert = add_alert(connection, rolled_up, DAY + 5 * HOUR, None)
    assert _why(engine) == f"alert {alert} (cpu of web-1) began on that day and is still open"
    with engine.begin() as connection:
        connection.execute(text("UPDATE infrastructure_alerts SET resolved_at = :now"), {"now": NOW})
    assert SYSTEM in {one.partition for one in _clean(engine).dropped}


def test_the_day_of_the_breach_counts_and_not_only_that_of_the_alert(engine: Engine, rolled_up: int) -> None:
    with engine.begin() as connection:
        # The breach began a minute earlier, on the day before.
        add_alert(connection, rolled_up, DAY + timedelta(days=1, seconds=30), None)
    assert "began on that day" in _why(engine)


def test_an_alert_of_another_day_keeps_nothing(engine: Engine, rolled_up: int) -> None:
    with engine.begin() as connection:
        add_alert(connection, rolled_up, DAY + timedelta(days=1, minutes=2), None)
    assert SYSTEM in {one.partition for one in _clean(engine).dropped}


@pytest.mark.usefixtures("host_id")
def test_an_empty_partition_goes_without_a_roll_up(engine: Engine) -> None:
    assert {one.table for one in _clean(engine).dropped} == {
        "custom_metrics_history",
        "disk_metrics_history",
        "process_metrics_history",
        "infrastructure_health",
    }


@pytest.mark.usefixtures("rolled_up")
def test_a_partition_that_somebody_reads_stays_until_the_next_run(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    hasty = Patience(timedelta(seconds=5), timedelta(milliseconds=50), timedelta(seconds=5))
    monkeypatch.setattr(cleaning, "CHORE", hasty)
    with _reader(engine):
        assert "has had system_metrics_history in use since" in _why(engine)
    dropped = _clean(engine).dropped
    assert [(one.partition, one.rows) for one in dropped] == [(SYSTEM, 720)]


@pytest.mark.usefixtures("rolled_up")
def test_a_partition_that_was_left_detached_goes_too(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE system_metrics_history DETACH PARTITION {SYSTEM}"))
    assert SYSTEM in {one.partition for one in _clean(engine).dropped}


@pytest.mark.usefixtures("host_id")
def test_what_is_left_of_a_day_that_began_to_go_is_not_held_back_by_anything(engine: Engine) -> None:
    """It was found rolled up when it began; half a day is of no use to anybody."""
    with engine.begin() as connection:
        connection.execute(text(f"ALTER TABLE system_metrics_history DETACH PARTITION {SYSTEM}"))
    assert SYSTEM in {one.partition for one in _clean(engine).dropped}


@pytest.mark.usefixtures("rolled_up")
def test_a_day_that_is_held_stays_until_the_hold_is_ended(engine: Engine) -> None:
    with engine.begin() as connection:
        holds.add(connection, "audit", DAY + 23 * HOUR, DAY + 25 * HOUR, by="anna", why="the auditors come")
        holds.add(connection, "other", DAY + 24 * HOUR, DAY + 25 * HOUR, by="anna", why="the day after")
    assert _why(engine) == "hold audit of anna is on that day: the auditors come"
    with engine.begin() as connection:
        holds.end(connection, "audit", by="anna")
    assert {one.day for one in _clean(engine).dropped} == {"2026-11-21"}


def test_a_hold_keeps_roll_ups_and_alerts_too(engine: Engine, rolled_up: int) -> None:
    later = NOW + timedelta(days=400)
    with engine.begin() as connection:
        add_alert(connection, rolled_up, DAY + HOUR, DAY + 2 * HOUR)
        holds.add(connection, "audit", DAY, DAY + 24 * HOUR, by="anna", why="the auditors come")
    held = clean(engine, Horizons(), later, dry_run=False)
    assert not held.deleted
    with engine.begin() as connection:
        holds.end(connection, "audit", by="anna")
    gone = {one.table for one in clean(engine, Horizons(), later, dry_run=False).deleted}
    assert gone >= {"metric_aggregations", "rollup_windows", "infrastructure_alerts"}
