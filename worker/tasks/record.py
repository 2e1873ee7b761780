"""The task that stores and evaluates what waits in the stream."""

from time import perf_counter
from typing import Any

from worker.celery import app
from worker.recording import record_waiting
from worker.resources import resources
from worker.tasks.base import TocsinTask, alive
from worker.tasks.notify import kick


@app.task(name="record.samples", base=TocsinTask, bind=True)
def samples(self: TocsinTask) -> Any:
    """Store and evaluate every sample that waits, for hosts that cannot reach Postgres themselves."""
    began, parts = perf_counter(), resources()
    recorded = record_waiting(parts.database, parts.redis, parts.policy, consumer=parts.settings.host_name)
    if recorded.changes:
        kick()
    return alive(self, recorded, began)
