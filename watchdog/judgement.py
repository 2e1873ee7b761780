"""Which of Tocsin's own parts are alive: the one judgement of the watchdog, `tocsin status` and `doctor`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.cadence import CANARY_INTERVAL
from notifications.quantities import span
from watchdog.vitals import Vitals

# Every part leaves a sign of life at least once in an interval, and is dead when two have passed without.
DEAD_AFTER = 2 * CANARY_INTERVAL

# A message is late when several sweeps have passed it by.
OVERDUE_AFTER = timedelta(seconds=60)

# The queue of no worker: every collector hears it.
COLLECT = "collect"

# The queue in which whatever comes may have to wait.
CHORES = "chores"


class State(StrEnum):
    """Alive, stopped, or not to be told: just started, or a consequence of something that is said already."""

    ALIVE = "alive"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a part, why, and for one that stopped since when and what to do."""

    part: str
    state: State
    reason: str
    remedy: str = ""
    since: datetime | None = None

    def __str__(self) -> str:
        return f"{self.reason}; {self.remedy}" if self.remedy else self.reason


def judge(now: Vitals) -> tuple[Verdict, ...]:
    """A verdict on every part; one that only follows from another's is unknown and says so."""
    return tuple(_Judge(now).verdicts())


def stopped(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    return tuple(one for one in verdicts if one.state is State.STOPPED)


def stand_ins(now: Vitals) -> frozenset[str]:
    """The queues whose work nobody does, `collect` included where nobody says any more when to collect."""
    judge = _Judge(now)
    beat_is_gone = judge.is_silent(now.beat) and not judge.beat_is_heard()
    certain = beat_is_gone or judge.beat_is_heard()
    wanted = {queue for queue in now.queues if certain and judge.queue_is_silent(queue)}
    if judge.outbox_waits():
        wanted.add("notify")
    if beat_is_gone:
        wanted.add(COLLECT)
    return frozenset(wanted)


@dataclass(frozen=True, slots=True)
class _Judge:
    now: Vitals

    def verdicts(self) -> Iterator[Verdict]:
        cause = self._cause()
        if self.now.redis_answers is not None:
            yield self._redis(cause)
        yield self._beat(cause)
        for queue in sorted(self.now.queues):
            yield self._queue(queue, cause)
        if cause is None and self.queue_is_silent("health"):
            cause = "queue health"
        yield self._part("recorder", self.now.recorder, cause, _RECORDER)
        yield self._part("evaluation", self.now.evaluation, cause, _EVALUATION)
        yield self._collectors(cause)
        yield self._outbox()

    def is_silent(self, seen: datetime | None, *, after: Iterable[str] = ()) -> bool:
        """Whether a part has been silent for two intervals in which somebody watched, and `after` worked."""
        return self._silence(seen, after) > DEAD_AFTER

    def queue_is_silent(self, queue: str) -> bool:
        return self.is_silent(self.now.queues[queue]) and not self._is_busy(queue)

    def beat_is_heard(self) -> bool:
        """Whether its ticks still arrive: with a worker, or with collectors, which need none."""
        of_beat = COLLECT not in self.now.standing_in
        heard = [self.now.beat, self.now.newest_sample if of_beat else None]
        return any(self._is_seen(one, within=CANARY_INTERVAL) for one in heard)

    def outbox_waits(self) -> bool:
        since = self.now.outbox.waits_since
        return since is not None and self._silence(since) > OVERDUE_AFTER

    def _is_seen(self, seen: datetime | None, *, within: timedelta = DEAD_AFTER) -> bool:
        return seen is not None and abs(self.now.at - seen) <= within

    def _silence(self, seen: datetime | None, after: Iterable[str] = ()) -> timedelta:
        # A sign of life from the future is none: the clock was set back since.
        past = None if self._is_ahead(seen) else seen
        watched = self.now.watched_since or self.now.beat_since
        known = [past, watched, *(self.now.calm_since.get(part) for part in after)]
        last = max((one for one in known if one is not None), default=None)
        return timedelta.max if last is None else self.now.at - last

    def _is_busy(self, queue: str) -> bool:
        """Whether a chore is at work in a queue, and not with ourselves."""
        return queue == CHORES and self.now.chore_runs and CHORES not in self.now.standing_in

    def _is_ahead(self, seen: datetime | None) -> bool:
        return seen is not None and seen > self.now.at + DEAD_AFTER

    def _cause(self) -> str | None:
        """The one part whose end silences all others."""
        if self.now.redis_answers is False and self.is_silent(self.now.beat):
            return "redis"
        silent = self.is_silent(self.now.beat, after=["redis"]) and not self.beat_is_heard()
        return "beat" if silent else None

    def _redis(self, cause: str | None) -> Verdict:
        if self.now.redis_answers:
            return Verdict("redis", State.ALIVE, "somebody listens at its address")
        if cause == "redis":
            return _stopped("redis", "nobody listens at the address of Redis", self.now.beat, _REDIS)
        return Verdict("redis", State.UNKNOWN, "nobody listens at the address of Redis at this moment")

    def _beat(self, cause: str | None) -> Verdict:
        if cause is None and self.is_silent(self.now.beat) and self.beat_is_heard():
            return Verdict("beat", State.ALIVE, "collectors hear its ticks, though no worker does")
        told = None if cause == "beat" else cause
        return self._part("beat", self.now.beat, told, _BEAT, after=["redis"])

    def _queue(self, queue: str, cause: str | None) -> Verdict:
        part, seen = f"queue {queue}", self.now.queues[queue]
        if self._is_busy(queue):
            return Verdict(part, State.ALIVE, "a chore is at work, and what else is in it waits")
        if cause is None and not self.beat_is_heard() and not self._is_seen(seen):
            return Verdict(part, State.UNKNOWN, "nothing may have been put into it: no tick of beat is heard")
        reason = f"nothing that is put into the queue {queue} has been done {{ago}}"
        command = "tocsin worker --queues chores" if queue == CHORES else "tocsin worker"
        return self._part(part, seen, cause, (reason, _QUEUE.format(command=command)))

    def _part(
        self,
        part: str,
        seen: datetime | None,
        cause: str | None,
        words: tuple[str, str],
        *,
        after: Iterable[str] = ("redis", "beat"),
    ) -> Verdict:
        if self._is_seen(seen):
            return Verdict(part, State.ALIVE, f"last seen at work {_ago(seen, self.now.at)}")
        if cause:
            return Verdict(part, State.UNKNOWN, f"it cannot work, because of {cause}")
        if not self.is_silent(seen, after=after):
            return Verdict(part, State.UNKNOWN, "it has just begun to work, or is about to")
        reason, remedy = words
        return _stopped(part, reason.format(ago=_ago(seen, self.now.at)), seen, remedy)

    def _collectors(self, cause: str | None) -> Verdict:
        if self._is_seen(self.now.evaluation) or not self.now.silent_collectors:
            return Verdict("collectors", State.ALIVE, "a host that falls silent has an alert of its own")
        if cause:
            return Verdict("collectors", State.UNKNOWN, f"nobody can tell, because of {cause}")
        names = self.now.silent_collectors
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        reason = f"no sample comes from {shown}, and no alert tells of it"
        return _stopped("collectors", reason, None, _COLLECTORS)

    def _outbox(self) -> Verdict:
        since = self.now.outbox.waits_since
        if since is None or not self.outbox_waits():
            return Verdict("outbox", State.ALIVE, "no message is overdue")
        what = "a message has" if since == self.now.outbox.due_since else "an event has"
        reason = f"{what} waited to be told for {span(self.now.at - since)}"
        return _stopped("outbox", reason, since, _OUTBOX)


def _stopped(part: str, reason: str, since: datetime | None, remedy: str) -> Verdict:
    return Verdict(part, State.STOPPED, reason, remedy, since)


def _ago(seen: datetime | None, now: datetime) -> str:
    if seen is None:
        return "yet"
    return f"{span(now - seen)} ago" if now - seen < DEAD_AFTER else f"for {span(now - seen)}"


_REDIS = "start it, or correct REDIS_URL (tocsin doctor looks closer); what is to be told is kept in Postgres"
_BEAT = (
    "no tick of beat has been worked on {ago}",
    "start one with tocsin beat, on any host, and see with tocsin doctor that Redis takes messages",
)
_QUEUE = "start {command}, or start the one anew that hangs"
_RECORDER = (
    "no sample has been stored {ago}",
    "see the log of the worker for record.samples, and with tocsin doctor whether Postgres takes writes",
)
_EVALUATION = (
    "no host has been checked {ago}, so no alert opens or ends",
    "see the log of the worker for health.check, and run tocsin check",
)
_COLLECTORS = "start tocsin collector there"
_OUTBOX = "tocsin deliveries list shows it, and the log of the worker for notifications.deliver says why"
