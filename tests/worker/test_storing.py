"""Two ways to store the same rows, and what tells the one that it has to be the other."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import DataError

from domain.cadence import PROCESS_INTERVAL
from models import SystemMetrics
from tests import samples
from tests.worker.raw import DAY, add_days
from worker.arrival import Arrived
from worker.rows import SYSTEM, Rows, disk_rows, process_rows, system_rows
from worker.storing import CareNeededError, Store, copy_new, insert_missing

SERIES = (system_rows, disk_rows, process_rows)


def _rows(at: Any = DAY, **figures: Any) -> list[Rows]:
    arrived = [Arrived(samples.system(**figures), at), Arrived(samples.processes(), at)]
    return [rows(arrived, {"web-1": 1}) for rows in SERIES]


def _stored(engine: Engine, store: Store, rows: list[Rows]) -> list[Any]:
    with engine.connect() as connection:
        store(connection, rows)
        found = [connection.execute(select(one.table.__table__)).all() for one in rows]
        connection.rollback()
    return found


def test_both_ways_store_the_same_whatever_is_known_of_a_machine(engine: Engine) -> None:
    add_days(engine)
    whole = {name: 2 if name.endswith("_total") or name == "connections" else 0.1 for name in SYSTEM[1:]}
    for figures in ({}, whole, dict.fromkeys(whole)):
        rows = _rows(**figures)
        stored = _stored(engine, copy_new, rows)
        assert [len(found) for found in stored] == [1, 1, 2]
        assert stored == _stored(engine, insert_missing, rows)


def test_a_row_that_is_there_already_is_left_as_it_is_by_the_careful_way_only(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        copy_new(connection, _rows(cpu_percent=1.0))
    with pytest.raises(CareNeededError), engine.begin() as connection:
        copy_new(connection, _rows(cpu_percent=2.0))
    with engine.begin() as connection:
        insert_missing(connection, _rows(cpu_percent=2.0))
        assert connection.scalars(select(SystemMetrics.cpu_percent)).all() == [1.0]


def test_a_day_that_nobody_made_is_made_by_the_careful_way(engine: Engine) -> None:
    add_days(engine)
    tomorrow = _rows(DAY + timedelta(days=1) + PROCESS_INTERVAL)
    with pytest.raises(CareNeededError), engine.begin() as connection:
        copy_new(connection, tomorrow)
    assert [len(found) for found in _stored(engine, insert_missing, tomorrow)] == [1, 1, 2]


@pytest.mark.parametrize(
    "figures",
    [{"connections": 2**31}, {"network_bytes_in_total": 2**63}, {"cpu_percent": 1e300}],
    ids=lambda figures: next(iter(figures)),
)
def test_a_number_that_does_not_fit_is_refused_and_not_cut(engine: Engine, figures: dict[str, float]) -> None:
    add_days(engine)
    with pytest.raises(CareNeededError), engine.begin() as connection:
        copy_new(connection, _rows(**figures))
    with pytest.raises(DataError), engine.begin() as connection:
        insert_missing(connection, _rows(**figures))


def test_the_largest_numbers_that_fit_are_stored(engine: Engine) -> None:
    add_days(engine)
    largest = {"connections": 2**31 - 1, "network_bytes_in_total": 2**63 - 1, "cpu_percent": 3.4e38}
    assert len(_stored(engine, copy_new, _rows(**largest))[0]) == 1
