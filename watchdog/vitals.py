"""The signs of life of Tocsin's own parts, as they stand in Postgres at one moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outbox:
    """Since when the oldest message has been due, and the oldest event not planned; None where none waits.

    A message behind a destination that is known to be down, or that somebody is sending, is not due.
    `swept_at` is when somebody looked last for what is to be sent, and `sending` whether somebody sends.
    """

    due_since: datetime | None = None
    unplanned_since: datetime | None = None
    swept_at: datetime | None = None
    sending: bool = False


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
    hosts_are_silent: bool = False
    """Whether there are such hosts, those included of which an alert tells."""
    recorder: datetime | None = None
    evaluation: datetime | None = None
    outbox: Outbox = field(default_factory=Outbox)
    standing_in: frozenset[str] = frozenset()
    """The queues whose work the watchdog does in the place of others."""
    redis_answers: bool | None = None
    """Whether Redis answers at its address; None when nobody looked."""
    buttons: datetime | None = None
    buttons_awaited: bool = False
    """Whether buttons are shown in Slack, so that somebody has to hear them."""

    def watched_not_before(self, moment: datetime | None) -> "Vitals":
        """The same to somebody who could see nothing before a moment, None for no such moment."""
        watched = self.watched_since
        return (
            self if moment is None or watched is None else replace(self, watched_since=max(watched, moment))
        )

    @property
    def signs(self) -> Iterator[datetime | None]:
        """When each part that has to give a sign in every interval gave its last."""
        yield from (self.beat, *self.queues.values(), self.recorder, self.evaluation, self.outbox.swept_at)
