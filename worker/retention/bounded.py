"""What no cleanup goes through, because it cannot grow with time, and why."""

from fnmatch import fnmatchcase

from worker.stream import MAX_ENTRIES, MAX_REJECTED, REJECTED, STREAM

TABLES = {
    "metrics": "one row for each kind of metric, at most 500 of them custom",
    "counters": "one row for each counter and its labels",
    "counter_increments": "each health check adds them to counters and takes them away",
    "rollup_dues": "the next roll-up takes them away",
}

# Redis by the pattern of its keys.
STREAMS = {STREAM: MAX_ENTRIES, REJECTED: MAX_REJECTED}
EXPIRING = ("counters:*", "celery-task-meta-*", "unacked_mutex")
KEYS = {
    "_kombu.binding.*": "one entry for each queue",
    "unacked": "one entry for each message that a worker has in hand",
    "unacked_index": "likewise",
    "collect": "a broadcast, which Redis does not keep",
    **dict.fromkeys(
        ("health", "notify", "chores"), "waiting messages; the watchdog tells when nobody takes them"
    ),
}


def bounded_keys() -> tuple[str, ...]:
    """The patterns of all keys that Tocsin and Celery make."""
    return (*STREAMS, *EXPIRING, *KEYS)


def pattern_of(key: str) -> str | None:
    """The pattern that a key of Redis is of; None for one that nobody thought of."""
    return next((pattern for pattern in bounded_keys() if fnmatchcase(key, pattern)), None)
