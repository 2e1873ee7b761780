"""The task that stores and evaluates what waits in the stream."""

from worker.recording import Recorded, record_waiting
from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import Order
from worker.tasks.notify import kick


@declare("record.samples", Arguments)
def samples(parts: Resources, _: Order[Arguments]) -> Recorded:
    """Store and evaluate every sample that waits, for hosts that cannot reach Postgres themselves."""
    recorded = record_waiting(parts.database, parts.redis, parts.policy, consumer=parts.settings.host_name)
    if recorded.changes:
        kick()
    return recorded
