"""A message cannot say how long its task may run, in the pool where it could be killed for it."""

import sys

import psutil

from tests.waiting import until
from tests.worker.tasks.running import WITHIN, Stage, published, running

PREFORK = "-A worker.celery worker --pool prefork --concurrency 1 --queues health --loglevel info"


def test_a_limit_of_less_than_nothing_kills_no_child(stage: Stage) -> None:
    argv = (sys.executable, "-P", "-m", "celery", *PREFORK.split())
    with running(stage, "prefork", argv, "ready.") as worker:
        said = stage.home / "prefork.log"
        [child] = psutil.Process(worker.pid).children()
        published(stage, "app.send_task('health.check', time_limit=-1, soft_time_limit=-1)")

        def killed() -> bool:
            return not child.is_running() or "TimeLimitExceeded" in said.read_text()

        def done() -> list[object]:
            return stage.rows("SELECT 1 FROM task_runs WHERE outcome = 'done'")

        until(lambda: done() or killed(), within=WITHIN, what="its end, by itself or not")
        assert not killed(), said.read_text()
        assert child.is_running()
