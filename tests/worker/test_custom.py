"""Metrics that people write: filed under their labels, bounded, and rolled up like any other."""

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, text

import policy
import settings
from domain import custom
from domain.sample import CustomSample
from models import partitions
from tests.worker.raw import DAY, add_hosts
from worker import custom as filing
from worker import stream
from worker.arrival import Arrived
from worker.recording import record_waiting
from worker.rollups import Period, aggregate
from worker.storing import copy_new
from worker.tasks.arguments import Refused
from worker.tasks.custom import Writing

POLICY = policy.load(None, settings.load({}))


def _sample(name: str = "queue_length", value: float = 12.0, **labels: str) -> CustomSample:
    return CustomSample("web-1", datetime.now(UTC), name, value, labels)


def _record(engine: Engine, redis: Redis, *samples: CustomSample) -> list[tuple[str, str, float]]:
    """Everything that is stored after these came."""
    for sample in samples:
        stream.publish(redis, sample)
    record_waiting(engine, redis, POLICY, consumer="test")
    query = text(
        "SELECT m.name, s.subject, v.value FROM custom_metrics_history AS v"
        " JOIN custom_series AS s ON s.id = v.series_id JOIN metrics AS m ON m.id = s.metric_id ORDER BY 1, 2"
    )
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_a_value_goes_through_redis_under_its_name_and_labels(engine: Engine, redis: Redis) -> None:
    several = _sample(value=3, zone="eu", queue="mail"), _sample(value=5, queue="web")
    assert _record(engine, redis, *several, _sample("jobs", 7)) == [
        ("jobs", "", 7),
        ("queue_length", "queue=mail,zone=eu", 3),
        ("queue_length", "queue=web", 5),
    ]


@pytest.mark.parametrize(
    "sample",
    [
        _sample("Queue"),
        _sample("x" * 64),
        _sample(value=1e31),
        _sample(queue="a,b"),
        _sample(queue=""),
        CustomSample("web-1", DAY, "x", 1, {f"l{n}": "x" for n in range(9)}),
        CustomSample("web-1", DAY, "x", 1, {"no name": "x"}),
    ],
)
def test_what_is_no_metric_is_put_aside(engine: Engine, redis: Redis, sample: CustomSample) -> None:
    assert custom.fault(sample.name, sample.value, sample.labels)
    assert _record(engine, redis, sample) == []
    assert redis.xlen(stream.REJECTED) == 1


def test_there_is_room_for_so_many_series_and_no_more(
    engine: Engine, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "MAX_SERIES", 2)
    monkeypatch.setattr(filing, "MAX_METRICS", 1)
    stored = _record(engine, redis, _sample(n="1"), _sample("another"), _sample(n="2"), _sample(n="3"))
    assert [subject for _, subject, _ in stored] == ["n=1", "n=2"]


def test_a_name_of_the_catalogue_is_not_taken(engine: Engine, redis: Redis) -> None:
    assert _record(engine, redis, _sample("cpu_percent")) == []


def test_it_is_rolled_up_like_any_other(engine: Engine) -> None:
    with engine.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date())
        (host_id,) = add_hosts(connection, "web-1")
        arrived = [Arrived(_sample(value=n, queue="mail"), DAY + timedelta(seconds=n)) for n in range(11)]
        copy_new(connection, [filing.custom_rows(connection, arrived, {"web-1": host_id})])
    aggregate(engine, Period.HOUR, DAY, DAY + timedelta(hours=1))
    query = "SELECT type, subject, count, expected, min, median, avg, max, sum, stddev FROM v_history_hourly"
    with engine.connect() as connection:
        (row,) = connection.execute(text(query)).all()
    assert row[:4] == ("custom", "queue=mail", 11, 11)
    assert row[4:9] == (0, 5, 5, 10, 55)
    assert row.stddev == pytest.approx(3.3166, rel=1e-4)


def test_the_task_is_told_in_words_and_refuses_half_a_metric() -> None:
    told = Writing.typed({"name": "jobs", "value": "7", "labels": "queue=mail, zone=eu"}, DAY)
    assert (told.value, told.pairs()) == (7.0, {"queue": "mail", "zone": "eu"})
    for given in ({"name": "jobs"}, {"name": "jobs", "value": "7", "labels": "mail"}, {"host": "a b"}):
        with pytest.raises(Refused):
            Writing.typed(given, DAY)
