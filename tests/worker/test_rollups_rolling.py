"""Rolling up goes on where it stopped, leaves alone what is done, and two at once do it once."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models import partitions
from tests.moving_clock import MovingClock
from tests.waiting import until
from tests.worker.raw import DAY, HOUR, TICK, add_days, add_hosts, add_many
from worker.rollups import Period, Rolled, Window, aggregate, catch_up, mark_due
from worker.rollups.rolling import STATEMENT

ONE = timedelta(hours=1)
CPU = text(
    "SELECT bucket, count, final FROM metric_aggregations"
    " WHERE metric_id = 1 AND period = :period ORDER BY host_id, bucket"
)


@pytest.fixture
def host_id(engine: Engine, clock: MovingClock) -> int:
    """A host with three hours of samples, from 10:00 to 13:00; now it is 13:02."""
    clock.offset = HOUR + 3 * ONE + timedelta(minutes=2) - datetime.now(UTC)
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_many(connection, host_id, HOUR, 3 * 720)
    return host_id


def _cpu(engine: Engine, period: Period = Period.HOUR) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(CPU, {"period": period})]


def _everything(engine: Engine) -> list[tuple[Any, ...]]:
    rows = text("SELECT to_jsonb(a) - 'computed_at' FROM metric_aggregations AS a ORDER BY 1")
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(rows)]


def _late(engine: Engine, host_id: int, at: datetime, count: int) -> None:
    """Samples come in an hour that is over already."""
    with engine.begin() as connection:
        add_many(connection, host_id, at, count)
        mark_due(connection, [at])


@pytest.mark.usefixtures("host_id")
def test_it_rolls_up_what_is_due_and_says_so_in_numbers(engine: Engine) -> None:
    rolled = catch_up(engine, Period.HOUR)
    assert rolled == Rolled(
        period="hour",
        windows=14,
        rolled_up=14,
        rows=6,  # cpu_percent and uptime_s of three hours; ten hours before and the running one are empty
        already_final=0,
        without_raw=0,
        left=0,
        first="hour 2026-11-21 00:00 UTC",
        last="hour 2026-11-21 13:00 UTC",
    )
    assert _cpu(engine) == [(HOUR, 720, True), (HOUR + ONE, 720, True), (HOUR + 2 * ONE, 720, True)]


def test_the_running_hour_is_there_and_not_final(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        add_many(connection, host_id, HOUR + 3 * ONE, 24)
    catch_up(engine, Period.HOUR)
    assert _cpu(engine)[-1] == (HOUR + 3 * ONE, 24, False)


@pytest.mark.usefixtures("host_id")
def test_the_next_run_has_only_the_new_hour_to_do(engine: Engine, clock: MovingClock) -> None:
    catch_up(engine, Period.HOUR)
    clock.forward(hours=1)
    assert catch_up(engine, Period.HOUR).windows == 2


def test_a_host_that_was_silent_for_an_hour_has_no_row_for_it(engine: Engine, host_id: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM system_metrics_history WHERE host_id = :id AND ts >= :start AND ts < :end"),
            {"id": host_id, "start": HOUR + ONE, "end": HOUR + 2 * ONE},
        )
    catch_up(engine, Period.HOUR)
    assert [bucket for bucket, *_ in _cpu(engine)] == [HOUR, HOUR + 2 * ONE]


@pytest.mark.usefixtures("host_id")
def test_it_leaves_final_windows_alone_unless_forced(engine: Engine) -> None:
    aggregate(engine, Period.HOUR, HOUR, HOUR + ONE)
    with engine.begin() as connection:
        connection.execute(text("UPDATE metric_aggregations SET count = 1"))
    assert aggregate(engine, Period.HOUR, HOUR, HOUR + ONE).already_final == 1
    assert _cpu(engine) == [(HOUR, 1, True)]
    assert aggregate(engine, Period.HOUR, HOUR, HOUR + ONE, force=True).rolled_up == 1
    assert _cpu(engine) == [(HOUR, 720, True)]


def test_late_samples_are_rolled_up_by_the_next_run(engine: Engine, host_id: int) -> None:
    catch_up(engine, Period.HOUR)
    _late(engine, host_id, HOUR - 20 * TICK, 10)
    assert catch_up(engine, Period.HOUR).rolled_up == 2  # the late hour and the running one
    assert _cpu(engine)[0] == (HOUR - ONE, 10, True)
    assert catch_up(engine, Period.HOUR).rolled_up == 1


def test_a_sample_that_comes_during_a_roll_up_is_not_lost_to_it(engine: Engine, host_id: int) -> None:
    before = Window(HOUR - ONE, Period.HOUR)
    _late(engine, host_id, before.end - 20 * TICK, 5)
    aggregate(engine, Period.HOUR, before.start, before.end)
    _late(engine, host_id, before.end - 15 * TICK, 5)
    rolling = threading.Thread(target=lambda: aggregate(engine, Period.HOUR, before.start, before.end))
    with engine.begin() as connection:
        connection.execute(text("SELECT FROM metric_aggregations FOR UPDATE"))
        rolling.start()  # it reads the samples that there are, and stops where it wants to write
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        until(lambda: connection.execute(waiting).scalar(), within=10, what="the roll-up to be on its way")
        _late(engine, host_id, before.end - 10 * TICK, 5)
    rolling.join()
    assert _cpu(engine) == [(before.start, 10, True)]
    assert aggregate(engine, Period.HOUR, before.start, before.end).rolled_up == 1
    assert _cpu(engine) == [(before.start, 15, True)]


@pytest.mark.usefixtures("host_id")
def test_a_day_is_computed_from_raw_rows(engine: Engine, clock: MovingClock) -> None:
    clock.forward(hours=14)
    assert catch_up(engine, Period.DAY).rolled_up == 1
    assert _cpu(engine, Period.DAY) == [(DAY, 3 * 720, True)]


@pytest.mark.usefixtures("host_id")
def test_two_at_once_leave_the_rows_of_one(engine: Engine) -> None:
    aggregate(engine, Period.HOUR, HOUR, HOUR + 3 * ONE)
    alone = _everything(engine)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE metric_aggregations, rollup_windows"))
    rolled: list[Rolled] = []
    work = threading.Barrier(2)

    def run() -> None:
        work.wait()
        rolled.append(aggregate(engine, Period.HOUR, HOUR, HOUR + 3 * ONE))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _everything(engine) == alone
    assert sum(one.rolled_up for one in rolled) == 3
    assert sum(one.already_final for one in rolled) == 3


@pytest.mark.usefixtures("host_id")
def test_the_second_waits_for_the_first(engine: Engine) -> None:
    turn = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    rolled: list[Rolled] = []
    with engine.connect() as connection:
        connection.execute(turn, {"key": f"tocsin.rollup.{Window(HOUR, Period.HOUR)}"})
        second = threading.Thread(
            target=lambda: rolled.append(aggregate(engine, Period.HOUR, HOUR, HOUR + ONE))
        )
        second.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        until(lambda: connection.execute(waiting).scalar(), within=10, what="the second run to wait")
        assert rolled == []
    second.join()
    assert rolled[0].rolled_up == 1


def test_what_is_rolled_up_stays_when_its_raw_rows_are_gone(engine: Engine, host_id: int) -> None:
    catch_up(engine, Period.HOUR)
    before = _everything(engine)
    _late(engine, host_id, HOUR, 0)
    with engine.begin() as connection:  # by hand: retention would not, before the day is rolled up
        for partition in partitions.existing(connection):
            connection.execute(text(f'DROP TABLE "{partition.name}"'))
    assert aggregate(engine, Period.HOUR, HOUR, HOUR + ONE, force=True).without_raw == 1
    assert _everything(engine) == before
    with engine.connect() as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM rollup_dues WHERE period = 'hour'")).scalar() == 0
        )


@pytest.mark.usefixtures("host_id")
def test_it_tells_how_far_it_is(engine: Engine) -> None:
    told: list[tuple[int, int, str]] = []
    aggregate(
        engine,
        Period.HOUR,
        HOUR,
        HOUR + 2 * ONE,
        progress=lambda done, of, window: told.append((done, of, str(window))),
    )
    assert told == [(1, 2, "hour 2026-11-21 10:00 UTC"), (2, 2, "hour 2026-11-21 11:00 UTC")]


@pytest.mark.usefixtures("host_id")
def test_a_run_that_breaks_off_keeps_what_it_has_done(engine: Engine) -> None:
    def break_off(done: int, _: int, __: Window) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aggregate(engine, Period.HOUR, HOUR, HOUR + 3 * ONE, progress=break_off)
    assert len(_cpu(engine)) == 2
    assert aggregate(engine, Period.HOUR, HOUR, HOUR + 3 * ONE).rolled_up == 1


@pytest.mark.usefixtures("host_id")
def test_it_reads_each_series_once(engine: Engine) -> None:
    figures = {
        "period": "hour",
        "start": HOUR,
        "end": HOUR + ONE,
        "seconds": 3600,
        "now": HOUR,
        "final": True,
    }
    with engine.connect() as connection:
        plan = "\n".join(connection.scalars(text(f"EXPLAIN {STATEMENT}"), figures))
    assert plan.count(" on system_metrics_history_20261121") == 1
