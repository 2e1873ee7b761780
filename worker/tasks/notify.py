"""The tasks that tell people."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from kombu.exceptions import OperationalError

from notifications.calm import is_calm
from notifications.delivery import Delivered, deliver
from notifications.planning import Planned, plan_all
from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import EVENTS, Order

log = structlog.get_logger()

# Under the soft limit of a task, with the deadline of the last sending on top.
WITHIN = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Told:
    """What a round of notification did."""

    planned: Planned
    delivered: Delivered


@declare("notifications.deliver", Arguments, lasting=True)
def deliver_due(parts: Resources, _: Order[Arguments]) -> Told:
    """Plan what is new, then send what is due."""
    with parts.database.connect() as connection:
        if is_calm(connection):
            return Told(Planned(), Delivered())
    planned = plan_all(parts.database, parts.policy)
    return Told(planned, deliver(parts.post, within=WITHIN))


def kick() -> None:
    """Ask for a delivery now. The request may be lost: the next sweep comes by itself."""
    try:
        deliver_due.apply_async(expires=30, ignore_result=True, headers={"origin": EVENTS[0]})
    except OperationalError as error:
        log.warning("notify.not_kicked", reason=str(error))
