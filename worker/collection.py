"""One tick of a host: read, publish, and store what waits where Postgres can be reached."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import TypeVar

from redis import Redis

from domain.sample import ProcessSample, Sample, SystemSample
from worker import stream
from worker.collectors import counters
from worker.collectors.counters import Counters, ProcessCounters
from worker.collectors.processes import read_processes
from worker.collectors.system import read_system

# Long enough that a short stop leaves the averages their history.
REMEMBERED = timedelta(minutes=20)

C = TypeVar("C", Counters, ProcessCounters)


def collect_system(redis: Redis, host: str) -> SystemSample:
    """Read the machine and publish the sample.

    The counters of the reading before lie in Redis, so that rates and percentages cover the time since the
    last reading of this host, whichever process took it. Raises redis.exceptions.RedisError.
    """
    key = f"counters:system:{host}"
    before, response_ms = _recall(redis, key, Counters)
    sample, after = read_system(before, host=host, now=datetime.now(UTC))
    sample = replace(sample, redis_response_ms=response_ms)
    _publish(redis, key, counters.dump(after), sample)
    return sample


def collect_processes(redis: Redis, host: str) -> ProcessSample:
    """Look at every process and publish those worth keeping; counters as for `collect_system`."""
    key = f"counters:processes:{host}"
    before, _ = _recall(redis, key, ProcessCounters)
    sample, after = read_processes(before, host=host, now=datetime.now(UTC))
    _publish(redis, key, counters.dump(after), sample)
    return sample


def _recall(redis: Redis, key: str, kind: type[C]) -> tuple[C | None, float]:
    began = perf_counter()
    content = redis.get(key)
    return counters.load(kind, content), (perf_counter() - began) * 1000


def _publish(redis: Redis, key: str, after: bytes, sample: Sample) -> None:
    with redis.pipeline(transaction=False) as pipe:
        pipe.set(key, after, ex=REMEMBERED)
        stream.publish(pipe, sample)
        pipe.execute()
