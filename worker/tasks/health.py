"""The task that checks every host and Tocsin's own services."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

from settings import INSECURE
from worker.celery import app
from worker.health_check import check as check_health
from worker.resources import Resources, resources
from worker.services import Service
from worker.tasks.base import TocsinTask, alive
from worker.tasks.notify import kick


def ours(parts: Resources) -> Iterator[Service]:
    """What is not as it should be with what Tocsin was given: its file, and its settings."""
    if parts.live_policy.problem:
        yield Service("policy", None, trouble=parts.live_policy.problem)
    if parts.settings.allow_insecure:
        yield Service("settings", None, warning=INSECURE)


@app.task(name="health.check", base=TocsinTask, bind=True)
def check(self: TocsinTask) -> Any:
    """Store the health of every host and service, and raise what is silent or slow."""
    began, parts = perf_counter(), resources()
    rules = parts.policy
    checked = check_health(parts.database, parts.redis, rules, further=ours(parts))
    if checked.changes:
        kick()
    return alive(self, checked, began)
