"""Samples put into the stream as if they had come at another time, or had been taken long ago."""

from datetime import datetime, timedelta

from pydantic import TypeAdapter
from redis import Redis

from domain.sample import SystemSample
from worker.stream import GROUP, STREAM

SYSTEM = TypeAdapter(SystemSample)


def publish_at(redis: Redis, at: datetime, sample: SystemSample) -> None:
    """Publish as if the sample had come at `at`, by Redis' clock."""
    redis.xadd(
        STREAM, {"kind": "system", "body": SYSTEM.dump_json(sample)}, id=f"{at.timestamp() * 1000:.0f}-0"
    )


def age_what_was_taken(redis: Redis, by: timedelta) -> None:
    """What some recorder has taken and not stored, it has had for so long."""
    pending = redis.xpending_range(STREAM, GROUP, min="-", max="+", count=1000)
    ids: list[int | bytes | str | memoryview[int]] = [entry["message_id"] for entry in pending]
    redis.xclaim(STREAM, GROUP, "dead", 0, ids, idle=int(by.total_seconds() * 1000))
