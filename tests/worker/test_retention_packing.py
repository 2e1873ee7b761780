"""Days that are over: packed after some days, their keys made anew until then, and read as ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, select, text, update

from models import Host, MetricAggregation, RollupWindow, SystemMetrics, partitions
from models.partitions import PACKED, RAW
from tests.moving_clock import MovingClock
from tests.worker.history import add_alert
from tests.worker.raw import DAY, add_days, add_hosts, add_many
from worker import history
from worker.history import Asked, History
from worker.retention import CleanupResult, Horizons, clean, holds, planning
from worker.rollups import Period, aggregate, catch_up, mark_due

ONE, HOUR = timedelta(days=1), timedelta(hours=1)
# Day 0 is 2026-11-21; five days later, those before day 2 are packed, and days 2 to 4 are over.
NOW = DAY + 5 * ONE + 2 * HOUR
HORIZONS = Horizons(pack_after_days=3)
FIRST, SECOND = (RAW.child((DAY + n * ONE).date()) for n in (0, 1))


@pytest.fixture
def host_id(engine: Engine, clock: MovingClock) -> int:
    """A host with an hour of samples on each of six days; all are rolled up but today."""
    clock.offset = NOW - datetime.now(UTC)
    add_days(engine, DAY, NOW)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        for day in range(6):
            add_many(connection, host_id, DAY + day * ONE + HOUR, 720, cpu_percent=40 + day)
    for period in Period:
        aggregate(engine, period, DAY, DAY + 5 * ONE)
    return host_id


def _clean(engine: Engine, now: datetime = NOW, *, dry_run: bool = False) -> CleanupResult:
    return clean(engine, HORIZONS, now, dry_run=dry_run)


def _days(engine: Engine, table: str) -> list[int]:
    """The days, counted from the first, that a table has partitions of."""
    with engine.connect() as connection:
        found = partitions.existing(connection)
    return [(one.day - DAY.date()).days for one in found if one.parent == table]


def _rollups(engine: Engine) -> list[tuple[object, ...]]:
    columns = [one for one in MetricAggregation.__table__.c if one.name != "computed_at"]
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(*columns[:5]))]


def _history(engine: Engine, host_id: int) -> History:
    asked = Asked("cpu_percent", host_id, "", DAY, DAY + 6 * HOUR)
    with engine.connect() as connection:
        return history.read(connection, asked)


@pytest.mark.usefixtures("host_id")
def test_days_are_packed_when_their_time_has_come_and_not_before(engine: Engine) -> None:
    result = _clean(engine)
    assert [(one.day, one.rows) for one in result.packed] == [("2026-11-21", 720), ("2026-11-22", 720)]
    assert all(0 < (one.packed_bytes or 0) < one.bytes for one in result.packed)
    assert result.refused == ()
    assert _days(engine, PACKED.table) == [0, 1]
    assert _days(engine, RAW.table) == list(range(2, 13))
    assert _clean(engine).packed == ()


@pytest.mark.usefixtures("host_id")
def test_keys_of_days_that_are_over_are_made_anew_once(engine: Engine) -> None:
    assert _clean(engine).rewritten == tuple(RAW.child((DAY + n * ONE).date()) for n in (2, 3, 4))
    assert _clean(engine).rewritten == ()


@pytest.mark.usefixtures("host_id")
def test_a_dry_run_says_what_the_run_then_packs(engine: Engine) -> None:
    foretold, done = _clean(engine, dry_run=True), _clean(engine)
    packed = tuple(replace(one, packed_bytes=None) for one in done.packed)
    assert replace(done, packed=packed) == replace(foretold, dry_run=False)
    assert foretold.packed


@pytest.mark.usefixtures("host_id")
def test_it_tells_how_far_it_has_come(engine: Engine) -> None:
    told: list[tuple[int, int, object]] = []
    clean(engine, HORIZONS, NOW, dry_run=False, progress=lambda *what: told.append(what))
    assert told[:2] == [(1, 5, FIRST), (2, 5, SECOND)]
    assert [done for done, _, _ in told] == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("host_id")
def test_a_run_packs_some_days_and_the_next_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST", 1)
    assert [[one.partition for one in _clean(engine).packed] for _ in range(3)] == [[FIRST], [SECOND], []]


@pytest.mark.usefixtures("host_id")
def test_nothing_is_packed_where_that_is_not_wished(engine: Engine) -> None:
    assert clean(engine, Horizons(), NOW, dry_run=False).packed == ()
    assert _days(engine, PACKED.table) == []


def test_a_packed_day_is_rolled_up_again_to_the_same_figures(engine: Engine, host_id: int) -> None:
    before, charted = _rollups(engine), _history(engine, host_id)
    _clean(engine)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE metric_aggregations SET sum = 0, p95 = 0 WHERE bucket < :end"), {"end": DAY + ONE}
        )
    for period in Period:
        assert aggregate(engine, period, DAY, DAY + ONE, force=True).rolled_up == ONE // period.length
    assert _rollups(engine) == before
    assert _history(engine, host_id) == charted
    assert charted.count == 720


def test_a_day_waits_until_its_late_samples_are_rolled_up(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        add_many(connection, host_id, DAY + 3 * HOUR, 10)
        mark_due(connection, [DAY + 3 * HOUR], now=NOW)
    refused = {one.partition: one.why for one in _clean(engine).refused}
    assert refused == {FIRST: "it is not packed: samples came late and wait for the next roll-up"}
    for period in Period:
        catch_up(engine, period)
    assert [one.rows for one in _clean(engine).packed] == [730]


def test_a_day_with_rows_that_no_roll_up_has_seen_waits(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        add_many(connection, host_id, DAY + 3 * HOUR, 10)
    (refused,) = _clean(engine).refused
    assert (refused.partition, "its roll-up has seen 720" in refused.why) == (FIRST, True)


def test_samples_that_come_for_a_packed_day_are_counted_and_packed_too(engine: Engine, host_id: int) -> None:
    _clean(engine)
    add_days(engine)
    with engine.begin() as connection:
        add_many(connection, host_id, DAY + 3 * HOUR, 10)
        mark_due(connection, [DAY + 3 * HOUR], now=NOW)
    for period in Period:
        catch_up(engine, period)
    assert _history(engine, host_id).count == 730
    assert [(one.partition, one.rows) for one in _clean(engine).packed] == [(FIRST, 10)]
    assert _history(engine, host_id).count == 730
    assert _days(engine, RAW.table)[0] == 2


def test_neither_a_hold_nor_an_open_alert_keeps_a_day_from_being_packed(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        add_alert(connection, host_id, DAY + HOUR, None)
        holds.add(connection, "audit", DAY, DAY + 2 * ONE, by="anna", why="the auditors come")
    assert len(_clean(engine).packed) == 2


@pytest.mark.usefixtures("host_id")
def test_a_packed_day_goes_when_its_time_has_come_unless_it_is_held(engine: Engine) -> None:
    _clean(engine)
    with engine.begin() as connection:
        holds.add(connection, "audit", DAY, DAY + ONE, by="anna", why="the auditors come")
    result = _clean(engine, NOW + 27 * ONE)
    assert PACKED.child(DAY.date()) in {one.partition for one in result.refused}
    assert PACKED.child((DAY + ONE).date()) in {one.partition for one in result.dropped}
    assert _days(engine, PACKED.table)[0] == 0


@pytest.mark.usefixtures("host_id")
def test_a_packed_day_that_is_rolled_up_is_no_gap(engine: Engine) -> None:
    _clean(engine)
    gaps = text("SELECT problem FROM v_rollup_gaps WHERE bucket < :end AND problem <> 'samples are missing'")
    with engine.connect() as connection:
        assert connection.scalars(gaps, {"end": DAY + ONE}).all() == []
        connection.execute(text("DELETE FROM rollup_windows WHERE bucket = :day"), {"day": DAY})
        assert len(connection.scalars(gaps, {"end": DAY + ONE}).all()) == 2


def test_a_host_of_which_packed_rows_are_left_is_kept(engine: Engine, host_id: int) -> None:
    _clean(engine)
    with engine.begin() as connection:
        for table in (MetricAggregation, RollupWindow, SystemMetrics):
            connection.execute(delete(table))
        connection.execute(update(Host).values(first_seen_at=DAY - 400 * ONE, last_seen_at=DAY - 400 * ONE))
    _clean(engine)
    with engine.connect() as connection:
        assert connection.scalars(select(Host.id)).all() == [host_id]
