"""How often each task ran, what came of it and how long it took: counted in Redis, where every worker is.

A collector has no way to Postgres, and what a tick costs must not grow by a transaction. When Redis is
emptied, the counts begin anew, which Prometheus takes for the restart of a process.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Final, cast

from redis import Redis

# A collector may write below counters:, and nowhere else but to the stream.
KEY: Final = "counters:tasks"

WRITTEN_EVERY_S: Final = 60.0

# A tick takes milliseconds, a delivery seconds, a chore minutes.
BUCKETS_S: Final = (0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 300.0)


@dataclass(slots=True)
class TaskCounts:
    """Runs by outcome, runs by bucket of duration (not cumulative; the last is beyond all), and seconds."""

    outcomes: dict[str, int] = field(default_factory=dict)
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_S) + 1))
    seconds: float = 0.0


@dataclass
class TaskCounter:
    """Counts the runs of this process, and writes them together once a minute.

    What did not go well is written at once, with all before it, and the rest when the process ends; one that
    is killed takes a minute's counts with it.
    """

    redis: Redis
    _due_at: float = 0.0
    _runs: Counter[str] = field(default_factory=Counter)
    _seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _lock: Lock = field(default_factory=Lock)

    def count(self, task: str, outcome: str, seconds: float) -> None:
        """Count a run; raises redis.exceptions.RedisError, and what was not written is written next time."""
        with self._lock:
            self._runs[f"{task} {outcome} {_bucket(seconds)}"] += 1
            self._seconds[f"{task} seconds"] += seconds
            if outcome == "done" and monotonic() < self._due_at:
                return
            self._write()
            self._due_at = monotonic() + WRITTEN_EVERY_S

    def write(self) -> None:
        """Write what was counted since the last time; raises redis.exceptions.RedisError."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        with self.redis.pipeline() as pipe:
            for name, runs in self._runs.items():
                pipe.hincrby(KEY, name, runs)
            for name, seconds in self._seconds.items():
                pipe.hincrbyfloat(KEY, name, round(seconds, 6))
            pipe.execute()
        self._runs.clear()
        self._seconds.clear()


def read(redis: Redis) -> dict[str, TaskCounts]:
    """The counts of every task that ran since Redis is there; raises redis.exceptions.RedisError."""
    found: dict[str, TaskCounts] = {}
    for name, value in cast("dict[str, str]", redis.hgetall(KEY)).items():
        task, what, *which = name.split(" ")
        counts = found.setdefault(task, TaskCounts())
        match what, which:
            case "seconds", []:
                counts.seconds = float(value)
            case outcome, [bucket] if int(bucket) <= len(BUCKETS_S):
                counts.outcomes[outcome] = counts.outcomes.get(outcome, 0) + int(value)
                counts.buckets[int(bucket)] += int(value)
    return found


def _bucket(seconds: float) -> int:
    return next((n for n, upper in enumerate(BUCKETS_S) if seconds <= upper), len(BUCKETS_S))
