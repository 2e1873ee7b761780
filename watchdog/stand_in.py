"""Does the work that nobody else does, through the same claims as everybody: `python -m watchdog.stand_in`.

A program of its own, because it needs all that a worker needs, Celery's messages for collectors included.
Each line on standard input names the queues to stand in for; with the end of the input it ends.
"""

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import structlog
from redis.exceptions import RedisError

import settings
import tracing
from beat_schedule import ENTRIES, Entry
from worker import logs
from worker.celery import app
from worker.resources import resources
from worker.tasks.base import Refused, TaskFailed
from worker.tasks.collect import ask_collectors
from worker.tasks.conduct import Starter, conduct
from worker.tasks.jobs import JOBS

log = structlog.get_logger()

ORIGIN = "watchdog"

# Whoever comes back is given the first try at a tick.
GRACE = timedelta(seconds=3)
PAUSE_S = 1.0

# Samples come first: a check that looks before them would find every host silent.
CHECKS, HEAD_START = "health.check", timedelta(seconds=10)


@dataclass
class StandIn:
    """Runs what is due, each queue in a thread of its own so that nothing waits behind a slow chore."""

    run: Callable[[Entry], None]
    began_at: datetime
    _done: dict[str, datetime] = field(default_factory=dict)
    _running: dict[str, Future[None]] = field(default_factory=dict)
    _threads: dict[str, ThreadPoolExecutor] = field(default_factory=dict)

    def turn(self, queues: Iterable[str], now: datetime) -> None:
        """Begin what is due now (aware) in these queues and is not under way."""
        wanted = frozenset(queues)
        for entry in ENTRIES:
            tick = due(entry, now) if entry.queue in wanted else None
            if tick is not None and tick != self._done.get(entry.task) and self._may_run(entry, now):
                self._done[entry.task] = tick
                self._running[entry.task] = self._thread(entry.queue).submit(self.run, entry)

    def finish(self) -> None:
        """Wait until what was begun is done."""
        for thread in self._threads.values():
            thread.shutdown()

    def _may_run(self, entry: Entry, now: datetime) -> bool:
        if entry.task == CHECKS and now - self.began_at < HEAD_START:
            return False
        running = self._running.get(entry.task)
        return running is None or running.done()

    def _thread(self, queue: str) -> ThreadPoolExecutor:
        return self._threads.setdefault(queue, ThreadPoolExecutor(1, f"stand-in-{queue}"))


def due(entry: Entry, now: datetime) -> datetime | None:
    """The tick of `entry` that somebody should have begun by `now`; None when its time has not come yet."""
    at = entry.next_after(now - GRACE - entry.period)
    tick = entry.tick(now)
    return tick if at <= now - GRACE and entry.tick(at) == tick else None


def run(entry: Entry) -> None:
    """Do what a tick asks for: a collection by message, as it belongs to the collectors, all else here."""
    try:
        if entry.queue == "collect":
            ask_collectors(entry.task, ORIGIN, entry.expires)
            return
        with tracing.span(entry.task, about={"tocsin.origin": ORIGIN}):
            conduct(JOBS[entry.task], Starter(ORIGIN), {})
    except (TaskFailed, Refused) as error:
        log.warning("watchdog.run_failed", task=entry.task, reason=str(error))


def main() -> None:
    """Stand in for the queues that standard input names last, until it ends."""
    configured = settings.load(settings.environment())
    logs.set_up(configured)
    tracing.start(configured)
    app.loader.import_default_modules()
    queues: list[str] = []
    end, stand_in = Event(), StandIn(run, datetime.now(UTC))
    Thread(target=_listen, args=(queues, end), daemon=True).start()
    while not end.wait(PAUSE_S):
        stand_in.turn(list(queues), datetime.now(UTC))
    # What is being sent or rolled up at this moment is begun again by whoever comes next.
    sys.stdout.flush()
    with suppress(RedisError):
        resources().task_counter.write()
    tracing.stop()
    os._exit(0)


def _listen(queues: list[str], end: Event) -> None:
    for line in sys.stdin:
        queues[:] = line.split()
    end.set()


if __name__ == "__main__":
    main()
