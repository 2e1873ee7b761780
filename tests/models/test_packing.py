"""Packing loses nothing: what comes out is what went in, and a day is raw or packed, whatever happens."""

import math
import random
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, insert, select, text
from sqlalchemy.exc import OperationalError

from models import SystemMetrics, partitions, system_metrics
from models.partitions import PACKED, RAW, Partition, PartitionBusyError
from tests.waiting import until

DAY = datetime(2026, 11, 21, tzinfo=UTC)
ONE = timedelta(days=1)
TICK = timedelta(seconds=5)
ROLLED_UP = text("INSERT INTO rollup_windows VALUES ('day', :day, now(), 1, true) ON CONFLICT DO NOTHING")
BIGINT = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(width=32, allow_nan=True, allow_infinity=True)

once_for_all = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _returned(engine: Engine, kind: str, values: Sequence[object]) -> list[Any] | None:
    """The values after packing and unpacking; `kind` is series or reals."""
    array = "bigint[]" if kind == "series" else "real[]"
    query = text(f"SELECT unpack_{kind}(pack_{kind}(CAST(:values AS {array})))")
    with engine.connect() as connection:
        found: list[Any] | None = connection.scalar(query, {"values": values})
    return found


def _bits(engine: Engine, values: Sequence[int]) -> int:
    """How many bits a series takes."""
    query = text("SELECT length(pack_series(CAST(:values AS bigint[])))")
    with engine.connect() as connection:
        return int(connection.scalar(query, {"values": values}) or 0)


@once_for_all
@given(st.lists(st.none() | BIGINT, max_size=30))
@example([2**63 - 1, -(2**63), None, 0])
@example([1 - 2**63, 2**59])
@example([2**60 - 1, 1 - 2**60, 2**60 - 1])
def test_whole_numbers_come_back_whatever_they_are(engine: Engine, values: list[int | None]) -> None:
    known = [value for value in values if value is not None]
    assert _returned(engine, "series", values) == (values if known else None)


@once_for_all
@given(
    first=BIGINT.map(lambda n: n // 8), step=st.integers(-(2**40), 2**40), resets=st.sets(st.integers(1, 29))
)
def test_counters_come_back_with_their_resets(
    engine: Engine, first: int, step: int, resets: set[int]
) -> None:
    values = [first + n * step if n not in resets else n for n in range(30)]
    assert _returned(engine, "series", values) == values


@once_for_all
@given(st.lists(st.none() | REAL, max_size=30))
@example([math.nan, math.inf, -math.inf, -0.0, 0.0, 2.0**-149, None, 2.0**128 - 2.0**104])
def test_figures_come_back_bit_by_bit(engine: Engine, values: list[float | None]) -> None:
    found = _returned(engine, "reals", values)
    known = [value for value in values if value is not None]
    assert [_as_stored(one) for one in found or []] == ([_as_stored(one) for one in values] if known else [])


def _as_stored(value: float | None) -> bytes | None:
    """The bits of a figure, for which 0 is not -0, and every NaN is one."""
    return None if value is None else b"NaN" if math.isnan(value) else struct.pack(">f", value)


def test_what_is_steady_takes_no_bits(engine: Engine) -> None:
    hour, constant = _bits(engine, list(range(0, 7_200_000, 10_000))), _bits(engine, [7] * 720)
    assert hour == _bits(engine, [0, 10_000]) < 300
    assert constant < 300


def test_noise_takes_the_bits_that_it_is_made_of(engine: Engine) -> None:
    chance = random.Random(7)
    noise = [chance.randrange(1024) for _ in range(720)]
    assert 7_200 < _bits(engine, noise) < 7_200 + 300


def _row(chance: random.Random, host_id: int, n: int) -> dict[str, object]:
    """A sample with whatever a machine may say, and some things that none should."""
    row: dict[str, object] = {"ts": DAY + n * TICK, "host_id": host_id}
    for column in SystemMetrics.__table__.columns:
        if column.name in row:
            continue
        if column.nullable and chance.random() < 0.2:
            row[column.name] = None
        elif column.name.endswith("_total") and "bytes" in column.name:
            row[column.name] = chance.choice([n * 50_000, 0, 2**63 - 1, chance.randrange(2**62)])
        elif column.type.python_type is int:
            row[column.name] = chance.choice([n, 0, 2**31 - 1, chance.randrange(100)])
        else:
            odd = [math.nan, math.inf, -math.inf, -0.0, 1e-45, 3.4e38]
            row[column.name] = chance.choice([float(n), 42.5, chance.uniform(0, 100), *odd])
    return row


def _store(engine: Engine, rows: Sequence[dict[str, object]]) -> None:
    with engine.begin() as connection:
        connection.execute(insert(SystemMetrics), rows)


@pytest.fixture
def day(engine: Engine) -> Partition:
    """A day that is rolled up for good: three hosts, two hours with gaps, and whatever a row may hold."""
    chance = random.Random(42)
    ticks = [n for n in range(1_440) if chance.random() < 0.2]
    with engine.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date() + ONE)
        connection.execute(ROLLED_UP, {"day": DAY})
    _store(engine, [_row(chance, host_id, n) for host_id in (1, 2, 3) for n in ticks])
    return Partition(RAW.table, RAW.child(DAY.date()), DAY.date(), "attached")


def _rows(engine: Engine, since: datetime = DAY, until: datetime = DAY + ONE) -> list[str]:
    """All that is stored of a time, in its exact words."""
    query = text("SELECT CAST(s AS text) FROM system_metrics(:since, :until) AS s ORDER BY host_id, ts")
    with engine.connect() as connection:
        return list(connection.scalars(query, {"since": since, "until": until}))


def _forms(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {
            one.parent
            for one in partitions.existing(connection)
            if one.day == DAY.date() and one.parent in {RAW.table, PACKED.table}
        }


def test_a_packed_day_reads_as_it_was(engine: Engine, day: Partition) -> None:
    before = _rows(engine)
    partitions.pack(engine, day)
    assert _forms(engine) == {PACKED.table}
    assert _rows(engine) == before
    part = [row for row in before if "2026-11-21 00:42" <= row[2:18] < "2026-11-21 01:31"]
    assert 0 < len(part) < len(before)
    assert _rows(engine, DAY + timedelta(minutes=42), DAY + timedelta(minutes=91)) == part


def test_the_days_to_both_sides_of_the_border_are_read_as_one(engine: Engine, day: Partition) -> None:
    _store(engine, [{"ts": DAY + ONE + n * TICK, "host_id": 1, "uptime_s": n} for n in range(3)])
    before = _rows(engine, DAY, DAY + 2 * ONE)
    partitions.pack(engine, day)
    assert _rows(engine, DAY, DAY + 2 * ONE) == before


def test_a_day_that_is_not_rolled_up_is_not_packed(engine: Engine, day: Partition) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM rollup_windows"))
    with pytest.raises(PartitionBusyError, match="is not packed: its day is not rolled up for good"):
        partitions.pack(engine, day)
    assert _forms(engine) == {RAW.table}


def test_killed_at_the_last_moment_it_leaves_the_raw_day(engine: Engine, day: Partition) -> None:
    before = _rows(engine)
    with engine.connect() as doomed:
        packed = doomed.scalar(text("SELECT pack_day(:day)"), {"day": day.day})
        assert packed == len(before)
        with engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": _pid(doomed)})
        with pytest.raises(OperationalError):
            doomed.execute(text("SELECT 1"))
        doomed.invalidate()
    assert _forms(engine) == {RAW.table}
    assert _rows(engine) == before


def _pid(connection: Connection) -> int:
    return int(connection.connection.driver_connection.info.backend_pid)  # type: ignore[union-attr] # psycopg's


def test_what_comes_for_a_packed_day_is_there_at_once_and_packed_by_the_next_run(
    engine: Engine, day: Partition
) -> None:
    partitions.pack(engine, day)
    before = _rows(engine)
    with engine.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date())
    late = {"ts": DAY + timedelta(minutes=30, seconds=1), "host_id": 2, "uptime_s": 7}
    fresh = {"ts": DAY + timedelta(hours=20), "host_id": 9, "uptime_s": 8}
    _store(engine, [late, fresh])
    with_them = _rows(engine)
    assert len(with_them) == len(before) + 2
    partitions.pack(engine, day)
    assert _forms(engine) == {PACKED.table}
    assert _rows(engine) == with_them


def test_a_tick_of_a_packed_day_that_comes_again_is_stored_once(engine: Engine, day: Partition) -> None:
    partitions.pack(engine, day)
    before = _rows(engine)
    with engine.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date())
        seen = system_metrics(DAY, DAY + ONE)
        again = connection.execute(select(seen.c.ts, seen.c.host_id, seen.c.uptime_s)).mappings()
        ticks = [dict(row) for row in again]
    _store(engine, ticks)
    assert _rows(engine) == before


def test_a_row_that_is_committed_meanwhile_is_not_lost(engine: Engine, day: Partition) -> None:
    late = {"ts": DAY + timedelta(hours=20), "host_id": 9, "uptime_s": 8}
    with ThreadPoolExecutor() as threads, engine.connect() as writer:
        writer.execute(insert(SystemMetrics), [late])
        packing = threads.submit(partitions.pack, engine, day)
        until(lambda: _waits(engine) or packing.done(), within=5, what="the packing to wait")
        writer.commit()
    with pytest.raises(PartitionBusyError):
        packing.result()
    assert _forms(engine) == {RAW.table}
    partitions.pack(engine, day)
    assert sum("20:00:00" in row for row in _rows(engine)) == 1


def test_somebody_who_writes_to_the_day_while_it_is_dropped_goes_first(
    engine: Engine, day: Partition
) -> None:
    with ThreadPoolExecutor() as threads, engine.connect() as writer:
        writer.execute(insert(SystemMetrics), [{"ts": DAY + ONE, "host_id": 9, "uptime_s": 8}])
        packing = threads.submit(partitions.pack, engine, day)
        until(lambda: _waits(engine) or packing.done(), within=5, what="the packing to wait")
        writer.execute(insert(SystemMetrics), [{"ts": DAY + 20 * TICK, "host_id": 9, "uptime_s": 8}])
        writer.commit()
    with pytest.raises(PartitionBusyError):
        packing.result()
    assert _forms(engine) == {RAW.table}
    assert len(_rows(engine, DAY + ONE, DAY + 2 * ONE)) == 1


def _waits(engine: Engine) -> bool:
    waiting = text(
        "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database"
        " WHERE NOT l.granted AND d.datname = current_database()"
    )
    with engine.connect() as connection:
        return bool(connection.scalar(waiting))


def test_two_at_once_pack_a_day_once(engine: Engine, day: Partition) -> None:
    before = _rows(engine)
    with ThreadPoolExecutor() as threads:
        both = [threads.submit(partitions.pack, engine, day) for _ in range(2)]
    # The second finds nothing left, or that somebody is at it.
    assert sum(isinstance(one.exception(), PartitionBusyError) for one in both) <= 1
    assert _forms(engine) == {PACKED.table}
    assert _rows(engine) == before


def test_a_question_reads_only_the_days_and_unpacks_only_the_columns_that_it_is_about(
    engine: Engine, day: Partition
) -> None:
    partitions.pack(engine, day)
    query = (
        "EXPLAIN (VERBOSE) SELECT avg(cpu_percent)"
        " FROM system_metrics('2026-11-21 10:00Z', '2026-11-21 11:00Z') WHERE host_id = 2"
    )
    with engine.connect() as connection:
        plan = "\n".join(connection.scalars(text(query)))
    assert "system_metrics_packed_20261121" in plan
    assert "system_metrics_history_" not in plan
    assert "host_id = 2" in plan
    assert plan.count("unpack_reals(") == plan.count("unpack_reals(system_metrics_packed.cpu_percent)") > 0


def test_keys_are_made_anew_while_others_write_to_another_day(engine: Engine, day: Partition) -> None:
    with engine.connect() as writer:
        writer.execute(insert(SystemMetrics), [{"ts": DAY + ONE, "host_id": 1, "uptime_s": 1}])
        partitions.rewrite_keys(engine, day)
        writer.commit()
    assert len(_rows(engine, DAY + ONE, DAY + 2 * ONE)) == 1


def test_keys_that_were_split_are_made_anew(engine: Engine) -> None:
    with engine.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date())
        connection.execute(
            text(
                "INSERT INTO system_metrics_history (ts, host_id, uptime_s)"
                " SELECT CAST(:day AS timestamptz) + n * interval '5 s', h, 60"
                " FROM generate_series(1, 200) AS n, generate_series(1, 100) AS h ORDER BY n, h"
            ),
            {"day": DAY},
        )
    before = _rows(engine)
    sizes = []
    for _ in range(2):
        with engine.connect() as connection:
            sizes.append(connection.scalar(text("SELECT pg_indexes_size('system_metrics_history_20261121')")))
        partitions.rewrite_keys(engine, Partition(RAW.table, RAW.child(DAY.date()), DAY.date(), "attached"))
    assert sizes[1] < 0.75 * sizes[0]
    assert _rows(engine) == before
