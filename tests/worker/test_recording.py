"""From the stream into the history: stored once, at the right time, whatever comes twice or broken."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from redis import Redis
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

import policy
import settings
from domain.cadence import PROCESS_INTERVAL, SAMPLE_INTERVAL, slot
from domain.sample import DrillSample, Sample
from models import Alert, AlertEvent, AlertWatch, DiskMetrics, Host, ProcessMetrics, SystemMetrics
from models.session import make_engine
from tests import samples
from tests.moving_clock import MovingClock
from tests.publishing import publish_at
from worker import stream
from worker.recording import record_waiting

POLICY = policy.load(None, settings.load({}))


def record(engine: Engine, redis: Redis, *published: Sample) -> int:
    for sample in published:
        stream.publish(redis, sample)
    return record_waiting(engine, redis, POLICY, consumer="test").entries


def rejected(redis: Redis) -> dict[str, str]:
    """What was put aside, which must be one thing."""
    ((_, fields),) = cast("list[tuple[str, dict[str, str]]]", redis.xrange(stream.REJECTED))
    return fields


def column(engine: Engine, what: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(what)).scalars())


def to_the_slower_rhythm(clock: MovingClock) -> None:
    """Let it be the beginning of a 30 s slot."""
    now = datetime.now(UTC)
    clock.offset = slot(now, PROCESS_INTERVAL) + PROCESS_INTERVAL - now


def test_it_stores_a_sample_under_its_host(engine: Engine, redis: Redis) -> None:
    assert record(engine, redis, samples.system("web-1", cpu_percent=42.5)) == 1
    assert column(engine, Host.name) == ["web-1"]
    assert column(engine, Host.release) == ["6.1"]
    assert column(engine, SystemMetrics.cpu_percent) == [42.5]


def test_a_host_is_seen_when_its_machine_was_read_whatever_else_it_sent(engine: Engine, redis: Redis) -> None:
    record(engine, redis, samples.system(), samples.processes())
    assert column(engine, Host.last_seen_at)[0] is not None


def test_its_time_is_the_slot_of_its_arrival(engine: Engine, redis: Redis) -> None:
    before = slot(datetime.now(UTC), SAMPLE_INTERVAL)
    record(engine, redis, samples.system())
    (ts,) = column(engine, SystemMetrics.ts)
    assert ts in (before, before + SAMPLE_INTERVAL)


def test_a_host_with_a_wrong_clock_is_filed_under_the_right_time(engine: Engine, redis: Redis) -> None:
    ahead = replace(samples.system(), collected_at=datetime.now(UTC) + timedelta(hours=1))
    record(engine, redis, ahead)
    (ts,), (skew,) = column(engine, SystemMetrics.ts), column(engine, Host.clock_skew_s)
    assert abs(ts - datetime.now(UTC)) < timedelta(minutes=1)
    assert skew == pytest.approx(3600, abs=30)


def test_the_same_tick_twice_is_one_row(engine: Engine, redis: Redis) -> None:
    record(engine, redis, samples.system(cpu_percent=1.0), samples.system(cpu_percent=2.0))
    record(engine, redis, samples.processes(), samples.processes())
    assert len(set(column(engine, SystemMetrics.ts))) == len(column(engine, SystemMetrics.ts))
    assert len(column(engine, ProcessMetrics.pid)) == 2


def test_partitions_are_stored_in_the_slower_rhythm(engine: Engine, redis: Redis, clock: MovingClock) -> None:
    to_the_slower_rhythm(clock)
    record(engine, redis, samples.system(disks={"/": 30.0, "/var": 60.0}))
    clock.forward(seconds=10)
    record(engine, redis, samples.system(disks={"/": 30.0, "/var": 60.0}))
    assert sorted(column(engine, DiskMetrics.mount)) == ["/", "/var"]


def test_counters_of_errors_begin_again_where_their_comment_says(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    to_the_slower_rhythm(clock)
    record(engine, redis, samples.system(network_errors_in_total=2**31 + 5))
    assert column(engine, SystemMetrics.network_errors_in_total) == [5]


def test_counters_and_totals_are_stored_in_one_row_of_six(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    to_the_slower_rhythm(clock)
    for _ in range(2):
        record(engine, redis, samples.system(swap_total_gb=2.0))
        clock.forward(seconds=5)
    assert sorted(column(engine, SystemMetrics.swap_total_gb), key=str) == [2.0, None]
    assert sorted(column(engine, SystemMetrics.network_bytes_in_total), key=str) == [1_000, None]
    assert column(engine, SystemMetrics.memory_percent) == [20.0, 20.0]


def test_the_first_row_of_a_day_makes_its_partition(engine: Engine, redis: Redis, clock: MovingClock) -> None:
    clock.forward(days=400)
    assert record(engine, redis, samples.system()) == 1
    assert len(column(engine, SystemMetrics.ts)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "system", "body": "{"},
        {"kind": "system", "body": '{"host": "web-1"}'},
        {"kind": "drill", "body": '{"host":"a b","collected_at":"2026-01-01T00:00Z","name":"x","value":1}'},
        {
            "kind": "drill",
            "body": '{"host":"tocsin","collected_at":"2026-01-01T00:00Z","name":"x","value":1}',
        },
        {"kind": "drill", "body": '{"host":"a","collected_at":"2026-01-01T00:00Z","name":"x","value":1e999}'},
        {
            "kind": "drill",
            "body": '{"host":"a","collected_at":"2026-01-01T00:00Z","name":"\\u0000","value":1}',
        },
        {"kind": "nonsense", "body": "{}"},
        {"other": "fields"},
    ],
)
def test_what_is_no_sample_is_put_aside_and_the_rest_is_stored(
    engine: Engine, redis: Redis, fields: dict[Any, Any]
) -> None:
    redis.xadd(stream.STREAM, fields)
    assert record(engine, redis, samples.system()) == 2
    assert column(engine, Host.name) == ["web-1"]
    assert rejected(redis)["reason"].startswith("not a sample")
    assert stream.waiting(redis) == 0


def test_what_postgres_refuses_takes_no_other_sample_with_it(engine: Engine, redis: Redis) -> None:
    too_many = samples.system("web-2", connections=2**40)
    record(engine, redis, samples.system("web-1"), too_many, samples.system("web-3"))
    assert sorted(column(engine, Host.name)) == ["web-1", "web-3"]
    assert "Postgres refuses it" in rejected(redis)["reason"]


def test_nothing_leaves_the_stream_while_postgres_is_away(engine: Engine, redis: Redis) -> None:
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with pytest.raises(OperationalError):
        record(nowhere, redis, samples.system())
    assert stream.waiting(redis) == 1
    assert record(engine, redis) == 1
    assert column(engine, Host.name) == ["web-1"]


def test_an_old_entry_keeps_the_time_at_which_it_came(engine: Engine, redis: Redis) -> None:
    """An hour without Postgres: samples wait in the stream, and are filed under the time they came at."""
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    for n in range(3):
        publish_at(redis, hour_ago + n * SAMPLE_INTERVAL, samples.system())
    assert record(engine, redis) == 3
    first = slot(hour_ago, SAMPLE_INTERVAL)
    assert sorted(column(engine, SystemMetrics.ts)) == [first + n * SAMPLE_INTERVAL for n in range(3)]


def test_a_redis_whose_clock_was_set_back_moves_no_sample_into_the_future(
    engine: Engine, redis: Redis
) -> None:
    publish_at(redis, datetime.now(UTC) + timedelta(hours=1), samples.system())
    record(engine, redis)
    (ts,) = column(engine, SystemMetrics.ts)
    assert ts <= datetime.now(UTC) + SAMPLE_INTERVAL


def test_a_redis_that_came_back_empty_is_read_from_its_beginning(engine: Engine, redis: Redis) -> None:
    record(engine, redis, samples.system("web-1"))
    redis.flushall()
    assert record(engine, redis, samples.system("web-2")) == 1
    assert sorted(column(engine, Host.name)) == ["web-1", "web-2"]


def test_a_breach_that_lasts_opens_one_alert_with_the_evidence(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    record(engine, redis, samples.processes(busy="postgres"))
    for _ in range(14):
        record(engine, redis, samples.system(cpu_percent=95.0))
        clock.forward(seconds=5)
    with engine.connect() as connection:
        alert = connection.execute(select(Alert.__table__)).mappings().one()
        event = connection.execute(select(AlertEvent.__table__)).mappings().one()
    assert (alert["component"], alert["rule"], alert["severity"]) == ("cpu", "cpu-high", "critical")
    assert (event["kind"], event["seq"], event["actor"]) == ("opened", 1, "tocsin")
    assert "postgres" in [process["name"] for process in alert["snapshot"]["processes"]]
    assert alert["snapshot"]["health"]["value"] == pytest.approx(100 - 28.5 - 6 - 6 - 15)


def test_a_breach_in_the_making_is_remembered_from_one_recorder_to_the_next(
    engine: Engine, redis: Redis, clock: MovingClock
) -> None:
    record(engine, redis, samples.system(memory_percent=80.0))
    assert column(engine, AlertWatch.rule) == ["memory-high"]
    clock.forward(seconds=5)
    record(engine, redis, samples.system(memory_percent=20.0))
    assert column(engine, AlertWatch.rule) == []


def test_each_full_partition_is_an_alert_of_its_own(engine: Engine, redis: Redis) -> None:
    record(engine, redis, samples.system(disks={"/": 85.0, "/var": 97.0, "/home": 10.0}))
    assert sorted(column(engine, Alert.component)) == ["disk:/", "disk:/var"]


def test_a_drill_opens_at_once_and_is_marked(engine: Engine, redis: Redis) -> None:
    drill = DrillSample("web-1", datetime.now(UTC), "030000", 99.0)
    record(engine, redis, drill)
    record(engine, redis, replace(drill, value=0.0))
    assert column(engine, Alert.is_drill) == [True]
    assert column(engine, AlertEvent.kind) == ["opened", "resolved"]
