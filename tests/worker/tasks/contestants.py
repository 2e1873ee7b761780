"""Processes that run one task each, at the same time, and can be killed in the midst of it."""

import multiprocessing
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from redis import Redis
from sqlalchemy import Engine, text

from tests.waiting import until
from worker.resources import resources
from worker.tasks.conduct import Starter, conduct
from worker.tasks.jobs import JOBS

WITHIN = 30.0

# A server that has imported everything once and forks: a process of its own for each, at once.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["worker.tasks"])


@dataclass(frozen=True)
class Contestant:
    """One process that runs one task."""

    process: Any
    answers: Connection

    def result(self) -> Any:
        """What the task answered; fails when the process died or takes too long."""
        assert self.answers.poll(WITHIN), "the task does not end"
        answer = self.answers.recv()
        self.process.join(WITHIN)
        return answer

    def kill(self) -> None:
        self.process.kill()
        self.process.join(WITHIN)


def begin(
    environ: Mapping[str, str], task: str, by: Starter, told: Mapping[str, object] | None = None
) -> Contestant:
    """Start a task in a process of its own."""
    here, there = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_run, args=(dict(environ), task, by, told or {}, there), daemon=True)
    process.start()
    there.close()
    return Contestant(process, here)


@contextmanager
def held(engine: Engine, table: str) -> Iterator[None]:
    """Until the end of the block nobody gets past this table."""
    with engine.connect() as holder:
        holder.execute(text("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0"))
        holder.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))
        yield
        holder.rollback()


def wait_for_waiters(engine: Engine, number: int, *, or_end_of: Contestant | None = None) -> None:
    """Until so many sessions wait for a lock of the database, or that one has found nothing to do."""
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
                   "wait_event_type = 'Lock'")  # fmt: skip

    def enough() -> bool:
        if or_end_of and or_end_of.answers.poll():
            return True
        with engine.connect() as connection:
            return bool(connection.execute(waiting).scalar_one() >= number)

    until(enough, within=WITHIN, what=f"{number} to wait for the lock")


@contextmanager
def paused(redis: Redis) -> Iterator[None]:
    """Until the end of the block nobody writes into Redis."""
    redis.client_pause(round(WITHIN * 1000), all=False)
    yield
    redis.client_unpause()


def wait_for_writers(redis: Redis, number: int) -> None:
    """Until so many wait for Redis to take what they write."""
    waiting = partial(redis.info, "clients")
    until(lambda: waiting()["blocked_clients"] >= number, within=WITHIN, what=f"{number} to wait for Redis")


def _run(
    environ: dict[str, str], task: str, by: Starter, told: Mapping[str, object], answers: Connection
) -> None:
    import worker.tasks  # noqa: F401 - it declares every task

    os.environ.update(environ)
    resources.cache_clear()
    try:
        answer = conduct(JOBS[task], by, told)
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
        answer = error
    with suppress(OSError):
        answers.send(answer)
    os._exit(0)
