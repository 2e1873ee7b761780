"""The tasks that tell people."""

from dataclasses import asdict, dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any

import structlog
from kombu.exceptions import OperationalError

from notifications.delivery import Delivered, deliver
from notifications.planning import Planned, plan_all
from worker.celery import app
from worker.resources import resources
from worker.tasks.base import TocsinTask, alive

log = structlog.get_logger()

# Under the soft limit of a task, with the deadline of the last sending on top.
WITHIN = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Told:
    """What a round of notification did."""

    planned: Planned
    delivered: Delivered


@app.task(name="notifications.deliver", base=TocsinTask, bind=True)
def deliver_due(self: TocsinTask) -> Any:
    """Plan what is new, then send what is due."""
    began, parts = perf_counter(), resources()
    planned = plan_all(parts.database, parts.policy)
    return alive(self, asdict(Told(planned, deliver(parts.post, within=WITHIN))), began)


def kick() -> None:
    """Ask for a delivery now. The request may be lost: the next sweep comes by itself."""
    try:
        deliver_due.apply_async(expires=30)
    except OperationalError as error:
        log.warning("notify.not_kicked", reason=str(error))
