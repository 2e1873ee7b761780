"""The tasks that read this host. They belong to it: every collector gets every tick."""

from functools import partial

from sqlalchemy import Engine

from worker.celery import app
from worker.collection import collect_processes, collect_system
from worker.recording import record_waiting
from worker.resources import Resources, resources
from worker.tasks.base import TocsinTask
from worker.tasks.notify import kick


@app.task(name="collect.system", base=TocsinTask)
def system() -> None:
    """Read this machine, publish the sample, and store what waits where Postgres can be reached."""
    parts = resources()
    collect_system(parts.redis, parts.settings.host_name)
    if parts.engine is not None:
        parts.drain.run(partial(_record, parts, parts.engine))


@app.task(name="collect.processes", base=TocsinTask)
def processes() -> None:
    """Look at every process of this machine and publish those worth keeping."""
    parts = resources()
    collect_processes(parts.redis, parts.settings.host_name)


def _record(parts: Resources, engine: Engine) -> None:
    recorded = record_waiting(engine, parts.redis, parts.policy, consumer=parts.settings.host_name)
    if recorded.changes:
        kick()
