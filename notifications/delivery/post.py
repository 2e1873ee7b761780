"""What it takes to deliver, and what a round of it did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from sqlalchemy import Engine

from notifications.channels.base import Channel
from notifications.rendering import Renderer
from policy import Policy


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of delivery did: deliveries that ended as delivered, and sendings that failed.

    A digest counts as all the deliveries that it told of, and as one failure.
    """

    delivered: int = 0
    failed: int = 0

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(self.delivered + other.delivered, self.failed + other.failed)


@dataclass(frozen=True, slots=True)
class Post:
    """The way into the database, to the words and to the people.

    `deadline` is for the whole of a sending, whatever its parts take. `lease` is for how long a sender has a
    delivery to itself: much longer, so that it only ends when its holder is gone.
    """

    engine: Engine
    renderer: Renderer
    channels: Mapping[str, Channel]
    policy: Policy
    runbooks: str | None = None
    random: Random = Random()  # noqa: S311, RUF009 - jitter is no secret, and one source serves all
    lease: timedelta = timedelta(seconds=60)
    deadline: timedelta = timedelta(seconds=20)
