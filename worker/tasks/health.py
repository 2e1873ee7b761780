"""The task that checks every host and Tocsin's own services."""

from collections.abc import Iterator

from settings import INSECURE
from worker.health_check import Checked
from worker.health_check import check as check_health
from worker.resources import Resources
from worker.services import Service
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import Order
from worker.tasks.notify import kick


def ours(parts: Resources) -> Iterator[Service]:
    """What is not as it should be with what Tocsin was given: its file, and its settings."""
    if parts.live_policy.problem:
        yield Service("policy", None, trouble=parts.live_policy.problem)
    if parts.settings.allow_insecure:
        yield Service("settings", None, warning=INSECURE)


@declare("health.check", Arguments)
def check(parts: Resources, _: Order[Arguments]) -> Checked:
    """Store the health of every host and service, and raise what is silent or slow."""
    checked = check_health(parts.database, parts.redis, parts.policy, further=ours(parts))
    if checked.changes:
        kick()
    return checked
