"""How long each part of Tocsin has been silent, and what fell silent with what it hangs on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cadence import HEARTBEAT_INTERVAL
from domain.queues import COLLECT
from watchdog.limits import BEGINS_WITHIN, DEAD_AFTER, JITTER, OVERDUE_AFTER
from watchdog.vitals import Vitals

# The queue in which whatever comes may have to wait.
CHORES = "chores"


@dataclass(frozen=True, slots=True)
class Sign:
    """When a part was last seen, which it is once in `period`, and when what it hangs on was."""

    seen: datetime | None
    period: timedelta = HEARTBEAT_INTERVAL
    carriers: tuple[datetime | None, ...] = ()

    @property
    def went_with_its_carrier(self) -> bool:
        """Whether it could not miss a tick before that fell silent too: then nobody knows yet who stopped."""
        seen, latest = self.seen, self.period - JITTER
        return seen is not None and any(one is not None and one - seen < latest for one in self.carriers)


@dataclass(frozen=True, slots=True)
class Signs:
    """What the signs of life of a moment say, each by itself and together."""

    now: Vitals

    def is_silent(self, seen: datetime | None, *, after: Iterable[str] = ()) -> bool:
        """Whether a part has been silent for two intervals in which somebody watched, and `after` worked."""
        return self.silence(seen, after) > DEAD_AFTER

    def queue_is_silent(self, queue: str) -> bool:
        return self.is_silent(self.now.queues[queue]) and not self.is_busy(queue)

    @property
    def beat_heard_at(self) -> datetime | None:
        """When a tick of beat arrived last: with a worker, or with collectors, which need none."""
        of_beat = COLLECT not in self.now.standing_in
        heard = (self.now.beat, self.now.newest_sample if of_beat else None)
        return max((one for one in heard if one is not None), default=None)

    def beat_is_heard(self) -> bool:
        """Whether its ticks still arrive."""
        return self.is_seen(self.beat_heard_at, within=HEARTBEAT_INTERVAL)

    def went_with_beat(self, seen: datetime | None) -> bool:
        """Whether a queue fell silent when beat did, or in the interval before."""
        return Sign(seen, HEARTBEAT_INTERVAL, (self.beat_heard_at,)).went_with_its_carrier

    def is_seen(self, seen: datetime | None, *, within: timedelta = DEAD_AFTER) -> bool:
        return seen is not None and abs(self.now.at - seen) <= within

    def silence(self, seen: datetime | None, after: Iterable[str] = ()) -> timedelta:
        """How long a part has been silent, or has had to begin; the longest there is if nobody knows."""
        # A sign of life from the future is none: the clock was set back since.
        past = None if self._is_ahead(seen) else seen
        watched = self.now.watched_since or self.now.beat_since
        begun = [watched, *(self.now.calm_since.get(part) for part in after)]
        known = [past, *(one + BEGINS_WITHIN for one in begun if one is not None)]
        last = max((one for one in known if one is not None), default=None)
        return timedelta.max if last is None else self.now.at - last

    def is_busy(self, queue: str) -> bool:
        """Whether a chore is at work in a queue, and not with ourselves."""
        return queue == CHORES and self.now.chore_runs and CHORES not in self.now.standing_in

    def _is_ahead(self, seen: datetime | None) -> bool:
        return seen is not None and seen > self.now.at + DEAD_AFTER

    def overdue(self) -> tuple[str, datetime] | None:
        """What has waited for too long, and since when: a message that could leave, or an event."""
        outbox = self.now.outbox
        waits = (
            ("an event", outbox.unplanned_since, DEAD_AFTER),
            ("a message", outbox.due_since, OVERDUE_AFTER),
        )
        return next(((what, at) for what, at, most in waits if at and self.silence(at) > most), None)
