"""The canary of the queue chores: it does nothing, and leaves a note that it arrived.

A ping is answered by a worker that consumes nothing; this takes the way of the work itself: beat, Redis, the
queue, a worker, Postgres. What beat puts into the other queues every few seconds leaves the same note.
"""

from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import Order


@declare("canary.chores", Arguments)
def chores(_: Resources, __: Order[Arguments]) -> None:
    """Show that the queue chores is worked on."""
