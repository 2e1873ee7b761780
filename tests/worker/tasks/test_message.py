"""A message cannot say how long its task may run, in the pool where it could be killed for it."""

import sys

import psutil

from tests.waiting import until
from tests.worker.tasks.running import WITHIN, Stage, published, running

PREFORK = "-A worker.celery worker --pool prefork --concurrency 1 --queues health --loglevel info"


def test_a_limit_of_less_than_nothing_kills_no_child(stage: Stage) -> None:
    argv = (sys.executable, "-P", "-m", "celery", *PREFORK.split())
    with running(stage, "prefork", argv, "ready.") as worker:
        children = psutil.Process(worker.pid).children()
        published(stage, "app.send_task('health.check', time_limit=-1, soft_time_limit=-1)")
        until(
            lambda: stage.rows("SELECT 1 FROM task_runs WHERE outcome = 'done'"),
            within=WITHIN,
            what="its end",
        )
        assert psutil.Process(worker.pid).children() == children
