"""Every figure of a roll-up is the one that NumPy computes from the same raw rows."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, Row, text

from models.catalogue import METRIC_IDS
from tests.worker.raw import (
    DAY,
    HOUR,
    TICK,
    add_days,
    add_disk,
    add_health,
    add_hosts,
    add_process,
    add_system,
)
from worker.rollups import GRACE, Period, aggregate, mark_due
from worker.rollups.sources import SYSTEM

HOSTS = ("web-1", "web-2", "db-1")
# The slots of an hour and some on either side of it.
SLOTS = [HOUR + n * TICK for n in range(-20, 740)]

Samples = dict[tuple[int, datetime], dict[str, float | None]]


def _invent(rng: np.random.Generator, host_ids: list[int]) -> Samples:
    """Series with gaps, restarts, values that could not be read, and on scales from percent to bytes."""
    scales = {name: 10.0 ** rng.integers(0, 7) for name in SYSTEM.metrics}
    return {
        (host_id, at): {
            name: None if rng.random() < 0.1 else _value(rng, name, scale) for name, scale in scales.items()
        }
        | _since_boot(at, *sorted(boots))
        for host_id in host_ids
        for boots in [rng.integers(0, len(SLOTS), 3)]
        for at in SLOTS
        if rng.random() < 0.8
    }


def _since_boot(at: datetime, *boots: int) -> dict[str, float | None]:
    """Counters begin anew at each restart, and the first reading after it has no rate."""
    past = [SLOTS[0], *(SLOTS[boot] for boot in boots if SLOTS[boot] <= at)]
    rates = {"network_bytes_in_per_s": None, "network_bytes_out_per_s": None} if at in past else {}
    return {"uptime_s": float((at - past[-1]).total_seconds()), **rates}


def _value(rng: np.random.Generator, name: str, scale: float) -> float:
    value = scale * (1 + rng.normal() / 10)
    return round(value) if name == "connections" else float(np.float32(value))


def _store(connection: Connection, samples: Samples) -> None:
    rows = [{"ts": at, "host_id": host_id, **values} for (host_id, at), values in samples.items()]
    add_system(connection, rows)


def _reference(values: NDArray[np.float64]) -> dict[str, float | None]:
    median, p95, p99 = np.percentile(values, [50, 95, 99])
    return {
        "count": len(values),
        "min": values.min(),
        "max": values.max(),
        "avg": values.mean(),
        "sum": values.sum(),
        "squared_deviation": ((values - values.mean()) ** 2).sum(),
        "stddev": values.std(ddof=1) if len(values) > 1 else None,
        "median": median,
        "p95": p95,
        "p99": p99,
    }


def _rows(engine: Engine, period: Period) -> dict[tuple[int, int], Row[Any]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT * FROM metric_aggregations WHERE period = :period AND subject = ''"),
            {"period": period},
        )
        return {(row.host_id, row.metric_id): row for row in rows}


def _expect(row: Row[Any], reference: Mapping[str, float | None]) -> None:
    for figure, value in reference.items():
        exact = figure in {"count", "sum"}
        assert getattr(row, figure) == pytest.approx(value, rel=1e-12 if exact else 1e-6, abs=1e-9), figure


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("period", "start"), [(Period.HOUR, HOUR), (Period.DAY, DAY)])
def test_every_figure_of_every_metric_is_right(
    engine: Engine, seed: int, period: Period, start: datetime
) -> None:
    rng = np.random.default_rng(seed)
    add_days(engine)
    with engine.begin() as connection:
        samples = _invent(rng, add_hosts(connection, *HOSTS))
        late = dict(list(samples.items())[::7])
        _store(connection, {key: values for key, values in samples.items() if key not in late})
    aggregate(engine, period, start, start + period.length)
    with engine.begin() as connection:
        _store(connection, samples)  # and all others once more
        mark_due(connection, [at for _, at in late], now=start + period.length + GRACE)
    assert aggregate(engine, period, start, start + period.length).rolled_up == 1

    inside = {key: values for key, values in samples.items() if start <= key[1] < start + period.length}
    rows = _rows(engine, period)
    for host_id in {host_id for host_id, _ in inside}:
        for name in SYSTEM.metrics:
            values = [row[name] for (of, _), row in inside.items() if of == host_id and row[name] is not None]
            row = rows.pop((host_id, METRIC_IDS[name]))
            _expect(row, _reference(np.array(values, dtype=np.float64)))
            assert row.expected == period.length / TICK
    assert rows == {}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.floats(-1e9, 1e9, width=32, allow_subnormal=False), min_size=2, max_size=9),
        min_size=1,
        max_size=6,
    )
)
def test_no_values_are_too_odd_to_be_right(engine: Engine, hosts: list[list[float]]) -> None:
    """Equal, tiny, huge and negative values, in any order, one list for each host."""
    add_days(engine)
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE hosts, metric_aggregations, system_metrics_history CASCADE"))
        host_ids = add_hosts(connection, *(f"web-{n}" for n in range(len(hosts))))
        for host_id, values in zip(host_ids, hosts, strict=True):
            system = [{"ts": HOUR + n * TICK, "host_id": host_id, "load_1m": v} for n, v in enumerate(values)]
            add_system(connection, system)
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1), force=True)
    rows = _rows(engine, Period.HOUR)
    for host_id, values in zip(host_ids, hosts, strict=True):
        reference = _reference(np.array(values, dtype=np.float64))
        largest = max(map(abs, values))
        for figure, value in reference.items():
            # What cancels out leaves an error as large as the rounding of the largest value.
            near = 1e-6 * largest**2 if figure == "squared_deviation" else 1e-6 * largest
            found = getattr(rows[host_id, METRIC_IDS["load_1m"]], figure)
            assert found == pytest.approx(value, rel=1e-5, abs=near + 1e-30), figure


def test_one_value_has_no_deviation(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_system(connection, [{"ts": HOUR, "host_id": host_id, "cpu_percent": 42}])
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    row = _rows(engine, Period.HOUR)[host_id, METRIC_IDS["cpu_percent"]]
    assert (row.median, row.p99, row.stddev, row.squared_deviation) == (42, 42, None, 0)


def test_a_metric_that_was_never_read_has_no_row(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_system(connection, [{"ts": HOUR, "host_id": host_id, "cpu_percent": None, "load_1m": 0}])
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    assert {metric for _, metric in _rows(engine, Period.HOUR)} == {
        METRIC_IDS["load_1m"],
        METRIC_IDS["uptime_s"],
    }


def test_large_equal_values_do_not_lose_digits(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        rows = [
            {"ts": HOUR + n * TICK, "host_id": host_id, "network_bytes_in_per_s": 16_777_216 + n % 2}
            for n in range(700)
        ]
        add_system(connection, rows)
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    row = _rows(engine, Period.HOUR)[host_id, METRIC_IDS["network_bytes_in_per_s"]]
    # real cannot tell 16,777,217 from 16,777,216, and a sum in real would be off by far more.
    assert row.sum == 700 * 16_777_216
    assert row.squared_deviation == 0


def test_each_mount_has_its_own_rows(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        for n, (root, var) in enumerate([(10, 80), (20, 90)]):
            add_disk(connection, host_id, HOUR + n * timedelta(seconds=30), "/", root)
            add_disk(connection, host_id, HOUR + n * timedelta(seconds=30), "/var", var)
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    assert _by_subject(engine, "mount_percent") == {"/": (2, 120, 15), "/var": (2, 120, 85)}


def test_tocsins_own_processes_are_added_up_and_others_left_out(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        for pid, cpu_percent, own in [(1, 3.0, True), (2, 4.0, True), (3, 99.0, False)]:
            add_process(connection, host_id, HOUR, pid, cpu_percent, own=own)
        add_process(connection, host_id, HOUR + timedelta(seconds=30), 1, 5.0, own=True)
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    assert _by_subject(engine, "tocsin_cpu_percent") == {"": (2, 120, 6)}
    assert _by_subject(engine, "tocsin_memory_mb") == {"": (2, 120, 60)}


def test_the_score_of_the_machine_is_rolled_up_and_no_gap_drawn_as_zero(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_health(connection, host_id, HOUR, 90)
        add_health(connection, host_id, HOUR, 10, component="redis")
        add_health(connection, host_id, HOUR + timedelta(seconds=15), None)
        add_health(connection, host_id, HOUR + timedelta(seconds=30), 80)
    aggregate(engine, Period.HOUR, HOUR, HOUR + timedelta(hours=1))
    assert _by_subject(engine, "health_score") == {"": (2, 240, 85)}


def _by_subject(engine: Engine, metric: str) -> dict[str, tuple[int, int, float]]:
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT subject, count AS n, expected, avg FROM metric_aggregations WHERE metric_id = :id"),
            {"id": METRIC_IDS[metric]},
        )
        return {row.subject: (row.n, row.expected, row.avg) for row in rows}
