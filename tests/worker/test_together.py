"""All of Tocsin in one process: nothing waits behind a chore, and what hangs ends with the process."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from cli.startup import programs
from models.session import CHORE, take_time
from settings import Settings, load
from tests.waiting import until

ROOT = Path(__file__).parents[2]
BEATS = text("SELECT at FROM heartbeats WHERE component = 'queue:health'")
ROWS = text("SELECT count(*) FROM system_metrics_history")
BEGUN = text("SELECT count(*) FROM task_runs WHERE task = 'aggregate.hourly' AND outcome = 'running'")


@pytest.fixture
def configured(engine: Engine, redis_url: str, tmp_path: Path) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    given = {"DATABASE_URL": url, "REDIS_URL": redis_url, "HOST_NAME": "web-1", "TOCSIN_HOME": str(tmp_path)}
    return load(given)


@contextmanager
def running(configured: Settings, code: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """The process of one host; with `code`, a process that does that first."""
    argv = programs.together(configured)
    if code:
        start = argv.index("worker.run") + 1
        argv = (sys.executable, "-P", "-c", code, *argv[start:])
    base = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOST_NAME": "web-1"}
    process = subprocess.Popen(argv, cwd="/", env=programs.environment(base, configured))
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()


def ask(engine: Engine, question: object) -> object:
    with engine.connect() as connection:
        return connection.execute(question).scalar()  # type: ignore[call-overload]


def test_a_chore_that_waits_for_a_lock_holds_up_neither_collection_nor_health(
    configured: Settings, engine: Engine, redis: Redis
) -> None:
    with running(configured):
        until(lambda: ask(engine, ROWS), within=30, what="the first row")
        with engine.connect() as holder:
            take_time(holder, CHORE)
            holder.execute(text("LOCK TABLE metric_aggregations"))
            _send("aggregate.hourly", redis)
            until(lambda: ask(engine, BEGUN), within=20, what="the chore to begin")
            before = ask(engine, ROWS), ask(engine, BEATS)
            until(lambda: ask(engine, ROWS) != before[0], within=20, what="a row while the chore waits")
            until(
                lambda: ask(engine, BEATS) != before[1],
                within=20,
                what="a task of the health queue meanwhile",
            )
            assert ask(engine, BEGUN) == 1


HANGS = """
import threading, worker.celery
worker.celery.SOFT_LIMIT_S = worker.celery.HARD_LIMIT_S = 1
from celery.signals import task_prerun
task_prerun.connect(lambda **_: threading.Event().wait(), weak=False)
from worker import run
raise SystemExit(run.main())
"""


def test_a_task_that_nothing_ends_ends_its_process(configured: Settings) -> None:
    with running(configured, HANGS) as process:
        assert process.wait(40) == os.EX_SOFTWARE


def _send(task: str, redis: Redis) -> None:
    where = redis.connection_pool.connection_kwargs["path"]
    code = f"from worker.celery import app; app.send_task({task!r})"
    env = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "REDIS_URL": f"unix://{where}"}
    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=60)
