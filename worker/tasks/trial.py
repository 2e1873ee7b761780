"""The task that tries destinations out, for whoever sits at Flower."""

from typing import TYPE_CHECKING

from pydantic import Field

from worker.resources import Resources
from worker.tasks.arguments import Arguments
from worker.tasks.base import declare
from worker.tasks.jobs import Order

if TYPE_CHECKING:
    from worker.tasks.trying import Arrived


class Trying(Arguments):
    """What a test of destinations may be told."""

    to: str | None = Field(
        None, description="The destination's name; by default, every destination.", examples=["slack"]
    )


@declare("notifications.test", Trying)
def test(parts: Resources, order: Order[Trying]) -> "Arrived":
    """Send a message that says that it is a test, to one destination or to every one, and show each step.

    No alert is opened and no cooldown begins.
    """
    # Nobody asks for it in most processes, and what it loads is 15 MB.
    from worker.tasks.trying import try_all

    return try_all(parts, order.told.to, order.origin)
