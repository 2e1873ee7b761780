"""Days are made and dropped while everybody else goes on writing and reading."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Self

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from models import partitions
from models.partitions import PARTITIONED, Partition, PartitionBusyError
from models.session import Patience, make_engine
from tests.waiting import until

DAY = date(2026, 11, 21)
NEXT = date(2026, 11, 22)
LAST = date(2026, 11, 28)

INSERT = text(
    "INSERT INTO system_metrics_history (ts, host_id, uptime_s)"
    " SELECT CAST(:at AS timestamptz) + n * interval '5 s', 1, 60 FROM generate_series(1, :rows) AS n"
)
ROLLED_UP = text("INSERT INTO rollup_windows VALUES ('day', :day, now(), 1, true)")
HELD = text(
    "INSERT INTO holds (name, starts_at, ends_at, created_by, reason)"
    " VALUES ('audit', :day, CAST(:day AS timestamptz) + interval '1 hour', 'anna', 'the auditors come')"
)


def _ensure(engine: Engine, first: date = DAY, last: date = DAY) -> list[str]:
    with engine.begin() as connection:
        return partitions.ensure(connection, first, last)


def _existing(engine: Engine) -> list[Partition]:
    with engine.connect() as connection:
        return partitions.existing(connection)


def _find(engine: Engine, name: str) -> Partition:
    return next(partition for partition in _existing(engine) if partition.name == name)


@pytest.fixture
def hasty(engine: Engine) -> Iterator[Engine]:
    """An engine that does not wait long for a lock."""
    limits = Patience(timedelta(seconds=5), timedelta(milliseconds=50), timedelta(seconds=10))
    hasty = make_engine(engine.url, application_name="hasty", patience=limits)
    yield hasty
    hasty.dispose()


@contextmanager
def _reader(engine: Engine) -> Iterator[None]:
    """Somebody with an open transaction that has read the table."""
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM system_metrics_history"))
        yield


class Writer:
    """Inserts a row at a time, in a thread, and remembers the longest that one took, in seconds."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.rows, self.longest = engine, 0, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        at = datetime(2026, 11, 22, tzinfo=UTC)
        while not self._stop.is_set():
            started = time.monotonic()
            with self.engine.begin() as connection:
                connection.execute(INSERT, {"at": at + self.rows * timedelta(seconds=5), "rows": 1})
            self.longest = max(self.longest, time.monotonic() - started)
            self.rows += 1

    def __enter__(self) -> Self:
        self._thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def goes_on(self) -> None:
        goal = self.rows + 20
        until(lambda: self.rows >= goal, within=10, what="twenty more rows to be written")


def test_it_makes_a_partition_a_day_for_every_table(engine: Engine) -> None:
    made = _ensure(engine, DAY, NEXT)
    assert "system_metrics_history_20261121" in made
    assert "infrastructure_health_20261122" in made
    assert len(made) == 2 * len(PARTITIONED)
    assert {partition.state for partition in _existing(engine)} == {"attached"}


def test_it_makes_nothing_twice(engine: Engine) -> None:
    assert _ensure(engine)
    assert _ensure(engine) == []


def test_it_puts_midnight_into_the_later_day(engine: Engine) -> None:
    _ensure(engine, DAY, NEXT)
    with engine.begin() as connection:
        connection.execute(INSERT, {"at": datetime(2026, 11, 21, 23, 59, 50, tzinfo=UTC), "rows": 2})
        days = connection.scalars(
            text("SELECT right(tableoid::regclass::text, 8) FROM system_metrics_history")
        )
        assert sorted(days) == ["20261121", "20261122"]


def test_a_session_elsewhere_in_the_world_makes_the_same_day(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL timezone = 'Australia/Lord_Howe'"))
        partitions.ensure(connection, DAY, DAY)
    with engine.connect() as connection:
        bound = connection.execute(
            text("SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE relname = :name"),
            {"name": "process_metrics_history_20261121"},
        ).scalar_one()
    assert "'2026-11-21 00:00:00+00'" in bound
    assert "'2026-11-22 00:00:00+00'" in bound


def test_a_row_without_a_day_is_refused_and_the_day_is_known_to_be_missing(engine: Engine) -> None:
    _ensure(engine)
    with engine.connect() as connection:
        assert partitions.missing_days(connection, [NEXT, DAY, NEXT]) == [NEXT]


def test_a_day_that_lacks_one_table_is_missing(engine: Engine) -> None:
    _ensure(engine)
    partitions.drop(engine, _find(engine, "disk_metrics_history_20261121"))
    with engine.connect() as connection:
        assert partitions.missing_days(connection, [DAY]) == [DAY]
    assert _ensure(engine) == ["disk_metrics_history_20261121"]


def test_two_who_make_the_same_days_share_the_work(engine: Engine) -> None:
    made: list[list[str]] = []
    threads = [threading.Thread(target=lambda: made.append(_ensure(engine, DAY, LAST))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(name for names in made for name in names) == sorted(p.name for p in _existing(engine))
    assert len(_existing(engine)) == 8 * len(PARTITIONED)


def test_a_partition_has_the_keys_and_indexes_of_its_table(engine: Engine) -> None:
    _ensure(engine)
    with engine.begin() as connection:
        connection.execute(INSERT, {"at": datetime(2026, 11, 21, tzinfo=UTC), "rows": 1})
        again = text(str(INSERT) + " ON CONFLICT (host_id, ts) DO NOTHING")
        assert connection.execute(again, {"at": datetime(2026, 11, 21, tzinfo=UTC), "rows": 1}).rowcount == 0
        indexes = connection.scalars(
            text("SELECT indexdef FROM pg_indexes WHERE tablename = 'system_metrics_history_20261121'")
        ).all()
    assert len(indexes) == 4


def test_it_drops_a_day_with_its_rows(engine: Engine) -> None:
    _ensure(engine, DAY, NEXT)
    partitions.drop(engine, _find(engine, "system_metrics_history_20261121"))
    assert "system_metrics_history_20261121" not in {p.name for p in _existing(engine)}
    assert "system_metrics_history_20261122" in {p.name for p in _existing(engine)}


def test_nobody_who_writes_waits_for_days_to_come_and_go(engine: Engine) -> None:
    _ensure(engine, DAY, NEXT)
    with Writer(engine) as writer:
        _ensure(engine, date(2026, 11, 23), LAST)
        partitions.drop(engine, _find(engine, "system_metrics_history_20261121"))
        writer.goes_on()
    assert writer.longest < 1


def test_nobody_who_writes_waits_behind_a_removal_that_waits_for_a_reader(engine: Engine) -> None:
    _ensure(engine, DAY, NEXT)
    with Writer(engine) as writer:
        with _reader(engine), pytest.raises(PartitionBusyError, match="system_metrics_history_20261121"):
            partitions.drop(engine, _find(engine, "system_metrics_history_20261121"))
        writer.goes_on()
    assert writer.longest < 1


def test_a_reader_does_not_keep_days_from_being_made(engine: Engine, hasty: Engine) -> None:
    _ensure(engine)
    with _reader(engine):
        assert _ensure(hasty, NEXT, NEXT)


def _begin_to_detach(hasty: Engine, name: str) -> None:
    """As a person may do it by hand, and be interrupted by somebody who reads."""
    detach = text(f"ALTER TABLE system_metrics_history DETACH PARTITION {name} CONCURRENTLY")
    with (
        _reader(hasty),
        hasty.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(OperationalError),
    ):
        connection.execute(detach)


def test_an_interrupted_removal_is_taken_up_where_it_stopped(engine: Engine, hasty: Engine) -> None:
    _ensure(engine, DAY, NEXT)
    _begin_to_detach(hasty, "system_metrics_history_20261121")
    halfway = _find(engine, "system_metrics_history_20261121")
    assert halfway.state == "detaching"
    partitions.drop(engine, halfway)
    assert "system_metrics_history_20261121" not in {p.name for p in _existing(engine)}


def test_the_database_itself_refuses_to_drop_what_is_not_rolled_up(engine: Engine) -> None:
    _ensure(engine)
    with engine.begin() as connection:
        connection.execute(INSERT, {"at": datetime(2026, 11, 21, tzinfo=UTC), "rows": 3})
    day = _find(engine, "system_metrics_history_20261121")
    with pytest.raises(PartitionBusyError, match="its day is not rolled up for good"):
        partitions.drop(engine, day)
    with engine.begin() as connection:
        connection.execute(ROLLED_UP, {"day": datetime(2026, 11, 21, tzinfo=UTC)})
        connection.execute(HELD, {"day": datetime(2026, 11, 21, tzinfo=UTC)})
    with pytest.raises(PartitionBusyError, match="a hold is on its day"):
        partitions.drop(engine, day)
    with engine.begin() as connection:
        connection.execute(text("UPDATE holds SET ended_at = now()"))
    partitions.drop(engine, day)
    assert day.name not in {p.name for p in _existing(engine)}


@pytest.mark.parametrize("state", ["detaching", "detached"])
def test_a_day_that_was_on_its_way_out_comes_back_with_its_rows(
    engine: Engine, hasty: Engine, state: str
) -> None:
    _ensure(engine)
    name = "system_metrics_history_20261121"
    with engine.begin() as connection:
        connection.execute(INSERT, {"at": datetime(2026, 11, 21, tzinfo=UTC), "rows": 3})
    if state == "detaching":
        _begin_to_detach(hasty, name)
    else:
        with engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE system_metrics_history DETACH PARTITION {name}"))
    assert _find(engine, name).state == state
    assert _ensure(engine) == [name]
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM system_metrics_history")).scalar_one() == 3


def test_it_says_who_is_in_the_way(engine: Engine, hasty: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("LOCK TABLE disk_metrics_history IN SHARE ROW EXCLUSIVE MODE"))
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        said = rf"no partition of disk_metrics_history was made: process {pid} \(postgres, tocsin\)"
        with pytest.raises(PartitionBusyError, match=said), hasty.begin() as other:
            partitions.ensure(other, DAY, DAY)


def test_a_day_is_that_of_utc() -> None:
    at = datetime.fromisoformat("2026-11-22T01:30:00+02:00")
    assert partitions.day_of(at) == DAY
    assert partitions.bounds(DAY)[0] == datetime(2026, 11, 21, tzinfo=UTC)
