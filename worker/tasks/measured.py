"""Counts every run of every task: its outcome and its duration."""

from time import perf_counter
from typing import Any

import structlog
from celery.signals import task_postrun, task_prerun
from redis.exceptions import RedisError

from worker import task_counts
from worker.resources import resources

log = structlog.get_logger()


@task_prerun.connect
def _begin(task: Any, **_: object) -> None:
    task.request.began = perf_counter()


@task_postrun.connect
def _end(task: Any, state: str | None, retval: object, **_: object) -> None:
    seconds = perf_counter() - getattr(task.request, "began", perf_counter())
    try:
        task_counts.count(resources().redis, task.name, outcome(state, retval), seconds)
    except RedisError as error:
        # The work itself is done; a missing count disturbs nobody.
        log.warning("task.not_counted", task=task.name, reason=type(error).__name__)


def outcome(state: str | None, result: object) -> str:
    """What came of a run, in the words of the ledger: done, skipped or failed."""
    if state != "SUCCESS":
        return "failed"
    return "skipped" if isinstance(result, dict) and "skipped" in result else "done"
