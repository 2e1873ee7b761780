"""Plays so many hosts: each puts a sample into the stream at every tick, as its collector would."""

import random
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from domain.cadence import PROCESS_INTERVAL, SAMPLE_INTERVAL
from domain.sample import Disk, Platform, Process, ProcessSample, SystemSample
from worker import stream

BOOT = datetime(2026, 1, 1, tzinfo=UTC)
PLATFORM = Platform("Linux", "6.1", "x86_64", "3.11.2", BOOT, 4, 16.0)
DISK = Disk("/", "/dev/sda1", "ext4", 100.0, 30.0, 70.0, 30.0)
LISTED = tuple(Process(pid, "worker", "sleeping", 1.0, 100.0, 1.0, 4, 12, BOOT) for pid in range(1, 21))

PER_PIPELINE = 100
CALM, BUSY = 20.0, 99.0  # percent of CPU


class Player(threading.Thread):
    """All hosts answer each tick at once, as they do when beat speaks to all of them.

    While `breaching`, one more host at each tick is busy; `breached` says when it said so, in seconds of the
    monotonic clock.
    """

    def __init__(self, redis: Redis, hosts: int) -> None:
        super().__init__(name="player", daemon=True)
        self._redis = redis
        self.names = [f"sim-{number:05d}" for number in range(hosts)]
        self._random = random.Random(42)  # noqa: S311 - the same hosts in every run
        self._end = threading.Event()
        self._busy: Iterator[str] = iter(self.names)
        self.breaching = False
        self.breached: dict[str, float] = {}
        self.samples = 0

    def stop(self) -> None:
        self._end.set()
        self.join(30)

    def run(self) -> None:
        every = SAMPLE_INTERVAL.total_seconds()
        tick = int(time.time() // every) + 1
        while not self._end.wait(max(0.0, tick * every - time.time())):
            with_processes = tick % (PROCESS_INTERVAL // SAMPLE_INTERVAL) == 0
            self._tick(next(self._busy, None) if self.breaching else None, with_processes=with_processes)
            tick += 1

    def _tick(self, busy: str | None, *, with_processes: bool) -> None:
        now = datetime.now(UTC)
        for start in range(0, len(self.names), PER_PIPELINE):
            with self._redis.pipeline(transaction=False) as pipe:
                for name in self.names[start : start + PER_PIPELINE]:
                    stream.publish(pipe, self._sample(name, now, BUSY if name == busy else CALM))
                    if with_processes:
                        stream.publish(pipe, ProcessSample(name, now, 150, 30.0, LISTED))
                    self.samples += 1 + with_processes
                pipe.execute()
        if busy is not None:
            self.breached[busy] = time.monotonic()

    def _sample(self, host: str, now: datetime, cpu_percent: float) -> SystemSample:
        figures: dict[str, Any] = {
            "window_s": 5.0,
            "cpu_percent": cpu_percent + self._random.random(),
            "load_1m": self._random.random(),
            "memory_percent": 40 + self._random.random(),
            "memory_used_gb": 6.4,
            "memory_available_gb": 9.6,
            "swap_percent": 0.0,
            "disk_percent": 30.0,
            "network_bytes_in_total": int(now.timestamp()) * 1000,
            "network_bytes_out_total": int(now.timestamp()) * 900,
            "network_errors_in_total": 0,
            "connections": 12,
        }
        uptime_s = (now - BOOT) / timedelta(seconds=1)
        return SystemSample(host, now, PLATFORM, uptime_s, disks=(DISK,), **figures)
