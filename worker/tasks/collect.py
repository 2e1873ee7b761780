"""The tasks that read this host. They belong to it: every collector gets every tick."""

from datetime import timedelta
from functools import partial

from kombu.exceptions import OperationalError
from sqlalchemy import Engine

from worker.celery import app
from worker.collection import collect_processes, collect_system
from worker.recording import record_waiting
from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import TaskFailed, declare
from worker.tasks.jobs import Order
from worker.tasks.notify import kick


@declare("collect.system", Arguments)
def system(parts: Resources, _: Order[Arguments]) -> None:
    """Read this machine, publish the sample, and store what waits where Postgres can be reached."""
    collect_system(parts.redis, parts.settings.host_name)
    if parts.engine is not None:
        parts.drain.run(partial(_record, parts, parts.engine))


@declare("collect.processes", Arguments)
def processes(parts: Resources, _: Order[Arguments]) -> None:
    """Look at every process of this machine and publish those worth keeping."""
    collect_processes(parts.redis, parts.settings.host_name)


def _record(parts: Resources, engine: Engine) -> None:
    recorded = record_waiting(engine, parts.redis, parts.policy, consumer=parts.settings.host_name)
    if recorded.changes:
        kick()


def ask_collectors(task: str, origin: str, expires: timedelta) -> None:
    """Have every collector run one of these once; raises TaskFailed when Redis does not take the message."""
    try:
        app.send_task(task, headers={"origin": origin}, expires=expires.total_seconds(), retry=False)
    except OperationalError as error:
        raise TaskFailed(f"Redis: {error}") from None
