"""Postgres goes away under load, in every way that it can, and the history has no gap."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest
from redis import Redis
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

import policy
import settings
from domain.cadence import SAMPLE_INTERVAL, slot
from embedded import EmbeddedPostgres
from models import RollupWindow, SystemMetrics
from models.migrate import upgrade
from models.session import make_engine
from tests import samples
from tests.publishing import age_what_was_taken, publish_at
from tests.waiting import until
from tests.worker.raw import DAY, add_days, add_hosts, add_many
from worker import ledger, rollups, stream
from worker.draining import Drain
from worker.recording import record_waiting
from worker.rollups import Period
from worker.stream import connect

POLICY = policy.load(None, settings.load({}))
HOUR_AGO = timedelta(hours=1)


@pytest.fixture
def postgres() -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, to be stopped, killed and frozen."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-away-"))
    home.chmod(0o711)
    server = EmbeddedPostgres(home, {"fsync": "off"})
    server.start()
    upgrade(server.url)
    yield server
    server.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def engine(postgres: EmbeddedPostgres) -> Iterator[Engine]:
    engine = make_engine(postgres.url)
    yield engine
    engine.dispose()


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with connect(redis_url) as client:
        yield client


def record(engine: Engine, redis: Redis) -> None:
    record_waiting(engine, redis, POLICY, consumer="test")


def stored(engine: Engine) -> list[datetime]:
    with engine.connect() as connection:
        return list(connection.execute(select(SystemMetrics.ts).order_by(SystemMetrics.ts)).scalars())


def processes(server: EmbeddedPostgres) -> list[psutil.Process]:
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    return [postmaster, *postmaster.children(recursive=True)]


def stop(server: EmbeddedPostgres) -> None:
    server.stop()


def kill(server: EmbeddedPostgres) -> None:
    for process in processes(server):
        process.kill()


@pytest.mark.parametrize("end", [stop, kill], ids=["stopped", "killed"])
def test_an_hour_without_postgres_leaves_no_gap(
    postgres: EmbeddedPostgres, engine: Engine, redis: Redis, end: Callable[[EmbeddedPostgres], None]
) -> None:
    """Ten minutes of ticks are stored, an hour of ticks meets no Postgres, and then it is back."""
    began = slot(datetime.now(UTC), SAMPLE_INTERVAL) - timedelta(minutes=70)
    ticks = [began + n * SAMPLE_INTERVAL for n in range(70 * 12)]
    for at in ticks[:120]:
        publish_at(redis, at, samples.system())
    record(engine, redis)
    end(postgres)
    for n, at in enumerate(ticks[120:]):
        publish_at(redis, at, samples.system())
        if n % 60 == 0:
            with pytest.raises(OperationalError):
                record(engine, redis)
    postgres.start()
    record(engine, redis)
    assert stored(engine) == ticks
    assert stream.waiting(redis) == 0


def test_a_batch_that_was_taken_when_postgres_died_is_stored_by_the_next_recorder(
    postgres: EmbeddedPostgres, engine: Engine, redis: Redis
) -> None:
    """Killed after the entries were taken from the stream and before they were stored."""
    publish_at(redis, datetime.now(UTC) - HOUR_AGO, samples.system())

    def die(_entries: object) -> None:
        kill(postgres)
        engine.connect()

    with pytest.raises(OperationalError):
        stream.drain(redis, "victim", die)
    postgres.start()
    record(engine, redis)
    assert stored(engine) == []
    age_what_was_taken(redis, by=timedelta(minutes=2))
    record(engine, redis)
    assert len(stored(engine)) == 1
    assert stream.waiting(redis) == 0


def test_a_frozen_postgres_holds_up_no_tick_and_nothing_is_lost(
    postgres: EmbeddedPostgres, engine: Engine, redis: Redis
) -> None:
    publish_at(redis, datetime.now(UTC) - HOUR_AGO, samples.system())
    record(engine, redis)
    drain = Drain(patience=timedelta(milliseconds=200))
    frozen = processes(postgres)
    for process in frozen:
        process.send_signal(signal.SIGSTOP)
    publish_at(redis, datetime.now(UTC), samples.system())
    assert not drain.run(partial(record, engine, redis))
    assert not drain.run(partial(record, engine, redis))
    for process in frozen:
        process.send_signal(signal.SIGCONT)
    assert until(lambda: len(stored(engine)) == 2, within=20, what="the sample of the frozen time")


def test_windows_that_the_ledger_says_are_rolled_up_outlive_a_postgres_that_dies_at_once(
    postgres: EmbeddedPostgres, engine: Engine
) -> None:
    a_day_of_samples(engine)
    by_hand = ledger.Run("aggregate.hourly", "a test", {})
    assert ledger.keep(engine, by_hand, partial(roll_up, engine)).outcome == "done"
    kill(postgres)
    postgres.start()
    assert windows(engine) == 24


def test_windows_that_die_with_postgres_are_due_again(postgres: EmbeddedPostgres, engine: Engine) -> None:
    a_day_of_samples(engine)
    roll_up(engine)
    kill(postgres)
    postgres.start()
    left = windows(engine)
    assert rollups.catch_up(engine, Period.HOUR).rolled_up == 24 - left
    assert windows(engine) == 24


def a_day_of_samples(engine: Engine) -> None:
    add_days(engine)
    with engine.begin() as connection:
        [host] = add_hosts(connection, "web-1")
        add_many(connection, host, DAY, 17_280)


def roll_up(engine: Engine) -> rollups.Rolled:
    return rollups.aggregate(engine, Period.HOUR, DAY, DAY + timedelta(days=1))


def windows(engine: Engine) -> int:
    with engine.connect() as connection:
        found = select(func.count()).where(RollupWindow.period == Period.HOUR, RollupWindow.final)
        return connection.execute(found).scalar_one()
