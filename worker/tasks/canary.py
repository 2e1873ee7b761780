"""The canaries, one for each queue that workers share: they do nothing, and leave a note that they arrived.

A ping is answered by a worker that consumes nothing; these take the way of the work itself: beat, Redis, the
queue, a worker, Postgres. The watchdog looks for them there.
"""

from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import Order


@declare("canary.health", Arguments)
def health(_: Resources, __: Order[Arguments]) -> None:
    """Show that the queue health is worked on."""


@declare("canary.notify", Arguments)
def notify(_: Resources, __: Order[Arguments]) -> None:
    """Show that the queue notify is worked on."""


@declare("canary.chores", Arguments)
def chores(_: Resources, __: Order[Arguments]) -> None:
    """Show that the queue chores is worked on."""
