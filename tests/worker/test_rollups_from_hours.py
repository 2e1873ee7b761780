"""A day whose raw rows are gone is pooled from its hours, says so, and invents no percentile."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine, Row, text

from models import partitions
from models.catalogue import METRIC_IDS
from tests.worker.raw import DAY, TICK, add_days, add_disk, add_hosts, add_system
from worker.rollups import Period, aggregate

END = DAY + timedelta(days=1)
ROW = text(
    "SELECT *, count AS n FROM metric_aggregations"
    " WHERE period = 'day' AND metric_id = :metric AND subject = :subject"
)


def _lose_raw(engine: Engine) -> None:
    """Somebody drops the day by hand; retention would not, before the day is rolled up."""
    with engine.begin() as connection:
        for partition in partitions.existing(connection):
            connection.execute(text(f'DROP TABLE "{partition.name}"'))


def _day(engine: Engine, metric: str = "load_1m", subject: str = "") -> Row[Any]:
    with engine.connect() as connection:
        return connection.execute(ROW, {"metric": METRIC_IDS[metric], "subject": subject}).one()


@pytest.fixture
def values(engine: Engine) -> NDArray[np.float64]:
    """A day of one host with hours of very different length, rolled up by the hour; raw rows are gone."""
    rng = np.random.default_rng(7)
    slots = np.sort(rng.choice(24 * 720, 1500, replace=False))[rng.random(1500) < 0.7]
    values = (1000 + slots / 100 + rng.normal(size=len(slots))).astype(np.float32).astype(np.float64)
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        rows = [
            {"ts": DAY + int(n) * TICK, "host_id": host_id, "load_1m": v}
            for n, v in zip(slots, values, strict=True)
        ]
        add_system(connection, rows)
        add_disk(connection, host_id, DAY, "/var", 30)
    aggregate(engine, Period.HOUR, DAY, END)
    _lose_raw(engine)
    return values


def test_what_can_be_pooled_is_what_raw_rows_would_have_given(
    engine: Engine, values: NDArray[np.float64]
) -> None:
    rolled = aggregate(engine, Period.DAY, DAY, END)
    assert (rolled.from_hours, rolled.rolled_up, rolled.without_raw) == (1, 0, 0)
    row = _day(engine)
    assert (row.n, row.expected) == (len(values), 17280)
    assert (row.min, row.max) == pytest.approx((values.min(), values.max()), rel=1e-6)
    assert row.sum == pytest.approx(values.sum(), rel=1e-12)
    assert row.avg == pytest.approx(values.mean(), rel=1e-6)
    assert row.stddev == pytest.approx(values.std(ddof=1), rel=1e-6)
    assert row.squared_deviation == pytest.approx(((values - values.mean()) ** 2).sum(), rel=1e-9)


@pytest.mark.usefixtures("values")
def test_it_has_no_percentiles_and_says_where_it_comes_from(engine: Engine) -> None:
    aggregate(engine, Period.DAY, DAY, END)
    row = _day(engine)
    assert (row.median, row.p95, row.p99, row.from_raw, row.final) == (None, None, None, False, True)
    with engine.connect() as connection:
        assert set(connection.scalars(text("SELECT source FROM v_history_daily"))) == {"hours"}


@pytest.mark.usefixtures("values")
def test_each_mount_keeps_its_own_and_a_single_value_has_no_deviation(engine: Engine) -> None:
    aggregate(engine, Period.DAY, DAY, END)
    row = _day(engine, "mount_percent", "/var")
    assert (row.n, row.expected, row.avg, row.stddev) == (1, 2880, 30, None)


@pytest.mark.usefixtures("values")
def test_it_can_be_done_again_and_stays_the_same(engine: Engine) -> None:
    aggregate(engine, Period.DAY, DAY, END)
    before = {**_day(engine)._mapping, "computed_at": None}
    aggregate(engine, Period.DAY, DAY, END, force=True)
    assert {**_day(engine)._mapping, "computed_at": None} == before


def test_a_day_from_raw_rows_is_never_replaced_by_a_poorer_one(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "web-1")
        add_system(connection, [{"ts": DAY, "host_id": host_id, "load_1m": 3}])
    aggregate(engine, Period.HOUR, DAY, END)
    aggregate(engine, Period.DAY, DAY, END)
    _lose_raw(engine)
    assert aggregate(engine, Period.DAY, DAY, END, force=True).without_raw == 1
    assert (_day(engine).median, _day(engine).from_raw) == (3, True)


def test_a_day_without_hours_stays_without_a_row(engine: Engine) -> None:
    assert aggregate(engine, Period.DAY, DAY, END).without_raw == 1
