"""The Redis stream `samples`: where every host puts what it saw, and recorders take it from.

The stream is bounded, outlives an outage of Postgres, and doubles as the live feed. An entry leaves the
recorders' list of pending entries only after the transaction that stored it; whoever dies before that
leaves it to the next one, and unique keys make the second storing harmless.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Final, cast

import structlog
from pydantic import ConfigDict, TypeAdapter, with_config
from redis import Redis
from redis.exceptions import ResponseError
from redis.typing import EncodableT, FieldT

import tracing
from domain.custom import fault
from domain.hosts import is_host_name
from domain.sample import CustomSample, DrillSample, ProcessSample, Sample, SystemSample

log = structlog.get_logger()

STREAM: Final = "samples"
REJECTED: Final = "samples:rejected"
GROUP: Final = "recorder"

# One host leaves about 850 entries an hour, so this is more than an hour of a hundred hosts.
MAX_ENTRIES: Final = 100_000
MAX_REJECTED: Final = 1_000

# An entry that a recorder has held for this long belongs to one that died: recording is a matter of
# milliseconds, and Postgres cuts a statement after far less.
ABANDONED_AFTER: Final = timedelta(seconds=60)

KINDS: Final[dict[str, type[Sample]]] = {
    "system": SystemSample,
    "processes": ProcessSample,
    "drill": DrillSample,
    "custom": CustomSample,
}
KIND_OF: Final = {sample: kind for kind, sample in KINDS.items()}

Raw = tuple[str, dict[str, str]]


@cache
def _adapter(kind: str) -> TypeAdapter[Sample]:
    # Numbers that are none would poison every average they meet.
    finite = with_config(ConfigDict(allow_inf_nan=False))
    return cast("TypeAdapter[Sample]", TypeAdapter(finite(KINDS[kind])))


@dataclass(frozen=True, slots=True)
class Entry:
    """A sample as it arrived; `arrived_ms` is when, on Redis' clock, in milliseconds since the epoch.

    `trace` is the traceparent of the collection, where that was traced.
    """

    id: str
    arrived_ms: int
    sample: Sample
    trace: str | None = None


def connect(url: str) -> Redis:
    """A client that gives up after some seconds instead of hanging; it connects when it is first used."""
    return Redis.from_url(url, decode_responses=True, socket_timeout=5, socket_connect_timeout=3)


def publish(redis: Redis, sample: Sample) -> None:
    """Append a sample; `redis` may be a pipeline. The oldest entries go when the stream is full."""
    kind = KIND_OF[type(sample)]
    body = _adapter(kind).dump_json(sample).decode()
    fields: dict[FieldT, EncodableT] = {"kind": kind, "body": body}
    if trace := tracing.current():
        fields["traceparent"] = trace
    redis.xadd(STREAM, fields, maxlen=MAX_ENTRIES, approximate=True)


def drain(redis: Redis, consumer: str, store: Callable[[Sequence[Entry]], None], *, batch: int = 500) -> int:
    """Hand every waiting entry to `store`, batch by batch, and answer how many there were.

    `store` commits before it returns; if it raises, its batch stays pending and is handed out again later.
    """
    drained = 0
    for raw in _taken(redis, consumer, batch):
        entries = [entry for one in raw if (entry := _parse(redis, *one)) is not None]
        if entries:
            store(entries)
        redis.xack(STREAM, GROUP, *(entry_id for entry_id, _ in raw))
        drained += len(raw)
    return drained


def newest(redis: Redis, count: int) -> list[Entry]:
    """The newest entries, oldest first: the live feed. What is no sample is left to the recorder to tell."""
    raw = cast("list[Raw]", redis.xrevrange(STREAM, count=count))
    return [entry for one in reversed(raw) if (entry := _readable(*one)) is not None]


def waiting(redis: Redis) -> int:
    """How many entries no recorder has stored yet."""
    if not redis.exists(STREAM):
        return 0
    groups = [g for g in redis.xinfo_groups(STREAM) if g["name"] == GROUP]
    return sum(int(g["pending"]) + int(g["lag"] or 0) for g in groups) if groups else redis.xlen(STREAM)


def _taken(redis: Redis, consumer: str, batch: int) -> Iterator[list[Raw]]:
    """What others have left, and then what is new, until there is no more."""
    for take in (_abandoned, _fresh):
        while raw := _in_group(redis, partial(take, redis, consumer, batch)):
            yield raw


def _in_group(redis: Redis, take: Callable[[], list[Raw]]) -> list[Raw]:
    try:
        return take()
    except ResponseError as error:
        if "NOGROUP" not in str(error):
            raise
    # Redis is new, or came back empty: start from whatever the stream holds.
    try:
        redis.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise
    return take()


def _abandoned(redis: Redis, consumer: str, batch: int) -> list[Raw]:
    idle = int(ABANDONED_AFTER.total_seconds() * 1000)
    claimed = redis.xautoclaim(STREAM, GROUP, consumer, min_idle_time=idle, count=batch)
    return cast("list[Raw]", claimed[1])


def _fresh(redis: Redis, consumer: str, batch: int) -> list[Raw]:
    streams = redis.xreadgroup(GROUP, consumer, {STREAM: ">"}, count=batch)
    return [entry for _, entries in cast("list[tuple[str, list[Raw]]]", streams or []) for entry in entries]


def _parse(redis: Redis, entry_id: str, fields: dict[str, str]) -> Entry | None:
    try:
        return _read(entry_id, fields)
    except (ValueError, KeyError) as error:
        reject(redis, entry_id, fields, f"not a sample: {error!s:.300}")
        return None


def _readable(entry_id: str, fields: dict[str, str]) -> Entry | None:
    try:
        return _read(entry_id, fields)
    except (ValueError, KeyError):
        return None


def reject(redis: Redis, entry_id: str, fields: dict[str, str], reason: str) -> None:
    """Put an entry that cannot be stored where a person can look at it, out of the way of every other."""
    kept: dict[FieldT, EncodableT] = {"entry": entry_id, "reason": reason}
    kept.update(fields)
    redis.xadd(REJECTED, kept, maxlen=MAX_REJECTED, approximate=True)
    log.warning("sample.rejected", entry=entry_id, reason=reason)


def _read(entry_id: str, fields: dict[str, str]) -> Entry:
    if "\\u0000" in fields["body"]:
        raise ValueError("it holds a NUL character, which Postgres cannot store")
    sample = _adapter(fields["kind"]).validate_json(fields["body"])
    if not is_host_name(sample.host):
        raise ValueError(f"{sample.host!r:.80} is no name for a host")
    if isinstance(sample, CustomSample) and (said := fault(sample.name, sample.value, sample.labels)):
        raise ValueError(said)
    return Entry(entry_id, int(entry_id.partition("-")[0]), sample, fields.get("traceparent"))
