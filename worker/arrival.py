"""Samples with the time of their arrival, on the one clock that decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from redis import Redis

from domain.sample import Sample
from worker.stream import Entry


@dataclass(frozen=True, slots=True)
class Arrived:
    """A sample with the time of its arrival, on the database's clock."""

    sample: Sample
    at: datetime
    trace: str | None = None


def timed(now: datetime, redis: Redis, entries: Sequence[Entry]) -> list[Arrived]:
    """Put arrivals on the database's clock: `now`, by it, less the age of each entry on Redis' own clock."""
    seconds, microseconds = redis.time()
    redis_ms = seconds * 1000 + microseconds / 1000
    # An entry from the future means that Redis' clock was set back: it came just now.
    return [
        Arrived(e.sample, now - timedelta(milliseconds=max(0.0, redis_ms - e.arrived_ms)), e.trace)
        for e in entries
    ]
