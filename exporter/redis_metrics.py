"""What Redis is asked on each scrape: the stream, the queues, its memory, and how the tasks fared."""

from collections.abc import Iterator

from redis import Redis

from domain.queues import SHARED
from exporter.metric import Label, Metric, Series, counter, gauge
from worker import stream, task_counts

# What a worker has taken and not finished, by Celery's name for it.
UNACKED = "unacked"

TASK = Label("task")

STREAM_ENTRIES = gauge("stream_entries", "Entries of the stream of samples, stored ones included.")
STREAM_MAX = gauge("stream_max_entries", "Entries from which on the oldest ones go.")
STREAM_WAITING = gauge("stream_waiting_entries", "Entries that no recorder has stored yet.")
STREAM_REJECTED = gauge("stream_rejected_entries", "Entries put aside because they could not be stored.")
# The queue of the collectors is none: each of them has its own, and a tick that nobody takes expires.
QUEUE_MESSAGES = gauge("queue_messages", "Messages that no worker has taken yet.", Label("queue", SHARED))
QUEUE_UNACKED = gauge("queue_unacked_messages", "Messages but ticks that workers have taken, not finished.")
REDIS_MEMORY = gauge("redis_memory_bytes", "Memory that Redis uses.")
REDIS_MAX_MEMORY = gauge("redis_max_memory_bytes", "Memory that Redis may use, 0 for no limit.")
REDIS_EVICTED = counter("redis_evicted_keys", "Keys that Redis threw away because its memory was full.")
TASK_RUNS = counter(
    "task_runs", "Runs of tasks.", TASK, Label("outcome", ("done", "skipped", "refused", "failed"))
)

METRICS = (
    *(STREAM_ENTRIES, STREAM_MAX, STREAM_WAITING, STREAM_REJECTED),
    *(QUEUE_MESSAGES, QUEUE_UNACKED, REDIS_MEMORY, REDIS_MAX_MEMORY, REDIS_EVICTED, TASK_RUNS),
)

NOTHING: tuple[str, ...] = ()


def read(redis: Redis) -> Iterator[tuple[Metric, Series]]:
    """Every metric of Redis but the durations of tasks; raises redis.exceptions.RedisError."""
    memory, stats = redis.info("memory"), redis.info("stats")
    yield STREAM_ENTRIES, {NOTHING: redis.xlen(stream.STREAM)}
    yield STREAM_MAX, {NOTHING: stream.MAX_ENTRIES}
    yield STREAM_WAITING, {NOTHING: stream.waiting(redis)}
    yield STREAM_REJECTED, {NOTHING: redis.xlen(stream.REJECTED)}
    yield QUEUE_MESSAGES, {(queue,): redis.llen(queue) for queue in SHARED}
    yield QUEUE_UNACKED, {NOTHING: redis.hlen(UNACKED)}
    yield REDIS_MEMORY, {NOTHING: memory["used_memory"]}
    yield REDIS_MAX_MEMORY, {NOTHING: memory["maxmemory"]}
    yield REDIS_EVICTED, {NOTHING: stats["evicted_keys"]}
    yield TASK_RUNS, _runs(task_counts.read(redis))


def _runs(counts: dict[str, task_counts.TaskCounts]) -> Series:
    return {(task, outcome): n for task, one in counts.items() for outcome, n in one.outcomes.items()}
