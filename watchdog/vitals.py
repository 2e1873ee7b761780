"""The signs of life of Tocsin's own parts, as they stand in Postgres at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outbox:
    """Since when the oldest message has been due, and the oldest event not planned; None where none waits.

    A message behind a destination that is known to be down, or that somebody is sending, is not due.
    """

    due_since: datetime | None = None
    unplanned_since: datetime | None = None

    @property
    def waits_since(self) -> datetime | None:
        return min(filter(None, (self.due_since, self.unplanned_since)), default=None)


@dataclass(frozen=True, slots=True)
class Vitals:
    """When each part was last seen at work (None: never), on the database's clock.

    `watched_since` is since when somebody has watched without a break, None when nobody does, and
    `beat_since` since when beat has been at work: nobody is called dead for what was before the one, or where
    nobody watches before the other. `calm_since` is when the last stop of beat and of Redis ended, or `at`
    while it goes on: whoever depends on them gets time to come back.
    """

    at: datetime
    watched_since: datetime | None = None
    watchdog: datetime | None = None
    calm_since: Mapping[str, datetime] = field(default_factory=dict)
    beat: datetime | None = None
    beat_since: datetime | None = None
    queues: Mapping[str, datetime | None] = field(default_factory=dict)
    """When something that beat sent came last through each queue."""
    chore_runs: bool = False
    """Whether a chore is at work at this moment: what else is in its queue waits behind it."""
    newest_sample: datetime | None = None
    silent_collectors: tuple[str, ...] = ()
    """Hosts that spoke within the hour, are silent now, and of which no open alert tells."""
    recorder: datetime | None = None
    evaluation: datetime | None = None
    outbox: Outbox = field(default_factory=Outbox)
    standing_in: frozenset[str] = frozenset()
    """The queues whose work the watchdog does in the place of others."""
    redis_answers: bool | None = None
    """Whether somebody listens at Redis' address; None when nobody looked."""
