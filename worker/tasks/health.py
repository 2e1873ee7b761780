"""The task that checks every host and Tocsin's own services."""

from time import perf_counter
from typing import Any

from worker.celery import app
from worker.health_check import check as check_health
from worker.resources import resources
from worker.services import Service
from worker.tasks.base import TocsinTask, alive
from worker.tasks.notify import kick


@app.task(name="health.check", base=TocsinTask, bind=True)
def check(self: TocsinTask) -> Any:
    """Store the health of every host and service, and raise what is silent or slow."""
    began, parts = perf_counter(), resources()
    rules = parts.policy
    wrong = parts.live_policy.problem
    further = [Service("policy", None, trouble=wrong)] if wrong else []
    checked = check_health(parts.database, parts.redis, rules, further=further)
    if checked.changes:
        kick()
    return alive(self, checked, began)
