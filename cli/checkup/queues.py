"""Redis: whether it can be used, how it is set up, and what waits in it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from cli.checkup.mark import Looked, Mark
from domain.queues import SHARED
from notifications.quantities import span
from worker import stream
from worker.redis_fitness import examine

# Every message of beat expires when the next one comes, so a queue that is worked off holds a few.
MANY_MESSAGES = 100
MANY_SAMPLES = 1_000

# What waits for longer waits for nobody; one chore may have to wait for another.
LONG: Final[Mapping[str, timedelta]] = {queue: timedelta(minutes=1) for queue in SHARED} | {
    "chores": timedelta(hours=1)
}

NOT_KEPT = "Redis keeps nothing on disk, so samples that were not stored go with a restart"


def redis(client: Redis) -> Iterator[Looked]:
    """Everything about Redis; one line when it does not answer."""
    try:
        found = examine(client)
        for one in found:
            yield Looked("redis", Mark.WRONG if one.fatal else Mark.WARNING, one.fault, one.remedy)
        if not found:
            yield Looked(
                "redis", Mark.OK, f"Redis is {_version(client)}, and forgets nothing when it is full"
            )
        yield from _persistence(client)
        # What is wrong with a key of another type is said above.
        for queue in SHARED:
            with suppress(ResponseError):
                yield of_queue(queue, int(client.llen(queue)), _oldest(client, queue))
        with suppress(ResponseError):
            yield of_stream(stream.waiting(client), int(client.xlen(stream.REJECTED)))
    except RedisError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        yield Looked("redis", Mark.WRONG, f"it does not answer ({reason})", "start it, or correct REDIS_URL")


def of_queue(queue: str, messages: int, oldest: timedelta | None = None) -> Looked:
    """What it means that so many messages wait, the oldest for so long, as far as that is known."""
    said = f"{messages:,} messages wait in the queue {queue}"
    if oldest is not None:
        said = f"{said}, the oldest for {span(oldest)}"
    if messages <= MANY_MESSAGES and (oldest is None or oldest <= LONG[queue]):
        return Looked("queues", Mark.OK, said)
    return Looked("queues", Mark.WARNING, said, "start a worker for it, or one more")


def _oldest(client: Redis, queue: str) -> timedelta | None:
    """For how long the message has waited that is taken next; None without one, or if it does not say."""
    message = client.lindex(queue, -1)
    try:
        sent_at = datetime.fromisoformat(json.loads(str(message))["headers"]["sent_at"])
        return max(timedelta(0), datetime.now(UTC) - sent_at)
    except (ValueError, TypeError, KeyError):
        return None


def of_stream(waiting: int, rejected: int) -> Looked:
    said = f"{waiting:,} samples wait to be stored, and {rejected:,} could not be understood"
    if waiting > MANY_SAMPLES:
        return Looked("samples", Mark.WARNING, said, "start a worker that reaches PostgreSQL, or one more")
    if rejected:
        remedy = f"see who sends them: redis-cli XREVRANGE {stream.REJECTED} + - COUNT 1"
        return Looked("samples", Mark.WARNING, said, remedy)
    return Looked("samples", Mark.OK, said)


def _version(client: Redis) -> str:
    about = client.info("server")
    valkey = about.get("valkey_version")
    return f"Valkey {valkey}" if valkey else str(about.get("redis_version"))


def _persistence(client: Redis) -> Iterator[Looked]:
    try:
        about = client.info("persistence")
    except ResponseError:
        return
    if not about.get("aof_enabled") and not about.get("rdb_last_save_time"):
        yield Looked("redis", Mark.WARNING, NOT_KEPT, "set appendonly yes")
