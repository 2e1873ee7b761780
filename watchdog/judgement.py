"""Which of Tocsin's own parts are alive: the one judgement of the watchdog, `tocsin status` and `doctor`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cadence import HEALTH_INTERVAL, HEARTBEAT_INTERVAL, NOTIFY_INTERVAL, SAMPLE_INTERVAL
from domain.queues import COLLECT
from notifications.quantities import span
from watchdog import ailments
from watchdog.limits import (
    BEGINS_WITHIN,
    DEAD_AFTER,
    EVERY,
    JITTER,
    OVERDUE_AFTER,
    SOONEST,
    UNHEARD_AFTER,
)
from watchdog.verdict import State, Verdict
from watchdog.vitals import Vitals

# The queue in which whatever comes may have to wait.
CHORES = "chores"

_UNDECIDED = "it fell silent, and so did what it hangs on; it will soon be seen which of them has stopped"


def judge(now: Vitals) -> tuple[Verdict, ...]:
    """A verdict on every part; one that only follows from another's is unknown and says so."""
    return tuple(_Judge(now).verdicts())


def stand_ins(now: Vitals) -> frozenset[str]:
    """The queues whose work nobody does, `collect` included where nobody says any more when to collect."""
    judge = _Judge(now)
    beat_is_gone = judge.is_silent(now.beat) and not judge.beat_is_heard()
    silent = {queue for queue in now.queues if judge.queue_is_silent(queue)}
    wanted = {one for one in silent if beat_is_gone or not judge.went_with_beat(now.queues[one])}
    if judge.outbox_waits():
        wanted.add("notify")
    if beat_is_gone:
        wanted.add(COLLECT)
    return frozenset(wanted)


def next_look(now: Vitals) -> timedelta:
    """In how long the next look is due: at once when a part is dead that gives no sign until then."""
    if any(one.reason == _UNDECIDED for one in judge(now)):
        return SOONEST
    silences = [_Judge(now).silence(seen) for seen in now.signs]
    left = [DEAD_AFTER - one for one in silences if one <= DEAD_AFTER]
    return min([EVERY, *(max(SOONEST, one) for one in left)])


@dataclass(frozen=True, slots=True)
class _Sign:
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
        health = (self.beat_heard_at, self.now.queues.get("health"))
        recorder = _Sign(self.now.recorder, SAMPLE_INTERVAL, health)
        evaluation = _Sign(self.now.evaluation, HEALTH_INTERVAL, health)
        yield self._part("recorder", recorder, cause, ailments.RECORDER)
        yield (evaluated := self._part("evaluation", evaluation, cause, ailments.EVALUATION))
        yield self._collectors(evaluated.state)
        yield self._outbox(cause)
        if self.now.buttons_awaited:
            yield self._buttons()

    def is_silent(self, seen: datetime | None, *, after: Iterable[str] = ()) -> bool:
        """Whether a part has been silent for two intervals in which somebody watched, and `after` worked."""
        return self.silence(seen, after) > DEAD_AFTER

    def queue_is_silent(self, queue: str) -> bool:
        return self.is_silent(self.now.queues[queue]) and not self._is_busy(queue)

    @property
    def beat_heard_at(self) -> datetime | None:
        """When a tick of beat arrived last: with a worker, or with collectors, which need none."""
        of_beat = COLLECT not in self.now.standing_in
        heard = (self.now.beat, self.now.newest_sample if of_beat else None)
        return max((one for one in heard if one is not None), default=None)

    def beat_is_heard(self) -> bool:
        """Whether its ticks still arrive."""
        return self._is_seen(self.beat_heard_at, within=HEARTBEAT_INTERVAL)

    def went_with_beat(self, seen: datetime | None) -> bool:
        """Whether a queue fell silent when beat did, or in the interval before."""
        return _Sign(seen, HEARTBEAT_INTERVAL, (self.beat_heard_at,)).went_with_its_carrier

    def outbox_waits(self) -> bool:
        return self._overdue() is not None

    def _is_seen(self, seen: datetime | None, *, within: timedelta = DEAD_AFTER) -> bool:
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

    def _is_busy(self, queue: str) -> bool:
        """Whether a chore is at work in a queue, and not with ourselves."""
        return queue == CHORES and self.now.chore_runs and CHORES not in self.now.standing_in

    def _is_ahead(self, seen: datetime | None) -> bool:
        return seen is not None and seen > self.now.at + DEAD_AFTER

    def _cause(self) -> str | None:
        """The one part whose end silences all others."""
        if self.now.redis_answers is False and any(map(self.is_silent, self.now.signs)):
            return "redis"
        silent = self.is_silent(self.now.beat, after=["redis"]) and not self.beat_is_heard()
        return "beat" if silent else None

    def _redis(self, cause: str | None) -> Verdict:
        if self.now.redis_answers:
            return Verdict("redis", State.ALIVE, "it answers")
        if cause == "redis":
            reason = "Redis does not answer at its address"
            return Verdict("redis", State.STOPPED, reason, ailments.REDIS, self.now.beat)
        return Verdict("redis", State.UNKNOWN, "it does not answer at this moment")

    def _beat(self, cause: str | None) -> Verdict:
        if cause is None and self.is_silent(self.now.beat) and self.beat_is_heard():
            return Verdict("beat", State.ALIVE, "collectors hear its ticks, though no worker does")
        told = None if cause == "beat" else cause
        return self._part("beat", _Sign(self.now.beat), told, ailments.BEAT, after=["redis"])

    def _queue(self, queue: str, cause: str | None) -> Verdict:
        part, seen = f"queue {queue}", self.now.queues[queue]
        if self._is_busy(queue):
            return Verdict(part, State.ALIVE, "a chore is at work, and what else is in it waits")
        sign = _Sign(seen, HEARTBEAT_INTERVAL, (self.beat_heard_at,))
        reason = f"nothing that is put into the queue {queue} has been done {{ago}}"
        command = "tocsin worker --queues chores" if queue == CHORES else "tocsin worker"
        return self._part(part, sign, cause, (reason, ailments.QUEUE.format(command=command)))

    def _part(
        self,
        part: str,
        sign: "_Sign",
        cause: str | None,
        words: tuple[str, str],
        *,
        after: Iterable[str] = ("redis", "beat"),
    ) -> Verdict:
        seen = sign.seen
        if self._is_seen(seen):
            return Verdict(part, State.ALIVE, f"last seen at work {_ago(seen, self.now.at)}")
        if cause:
            return Verdict(part, State.UNKNOWN, f"it cannot work, because of {cause}")
        if not self.is_silent(seen, after=after):
            return Verdict(part, State.UNKNOWN, "it has just begun to work, or is about to")
        if sign.went_with_its_carrier:
            return Verdict(part, State.UNKNOWN, _UNDECIDED)
        reason, remedy = words
        return Verdict(part, State.STOPPED, reason.format(ago=_ago(seen, self.now.at)), remedy, seen)

    def _collectors(self, evaluation: State) -> Verdict:
        if not self.now.silent_collectors:
            reason = "a host that falls silent has an alert of its own"
            return Verdict("collectors", State.ALIVE, reason, told_by_others=self.now.hosts_are_silent)
        if evaluation is not State.STOPPED:
            return Verdict("collectors", State.UNKNOWN, "a silent host gets an alert at the next check")
        names = self.now.silent_collectors
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        reason = f"no sample comes from {shown}, and no alert tells of it"
        return Verdict("collectors", State.STOPPED, reason, ailments.COLLECTORS)

    def _outbox(self, cause: str | None) -> Verdict:
        if cause is None and self.queue_is_silent("notify"):
            cause = "queue notify"
        overdue = self._overdue()
        if overdue and not (cause and self.silence(overdue[1]) <= OVERDUE_AFTER):
            what, since = overdue
            reason = f"{what} has waited to be told for {span(self.now.at - since)}"
            return Verdict("outbox", State.STOPPED, reason, ailments.OUTBOX, since)
        if self.now.outbox.sending:
            return Verdict("outbox", State.ALIVE, "a message is on its way")
        carriers = (self.beat_heard_at, self.now.queues.get("notify"))
        sweep = _Sign(self.now.outbox.swept_at, NOTIFY_INTERVAL, carriers)
        return self._part("outbox", sweep, cause, ailments.SWEEP)

    def _overdue(self) -> tuple[str, datetime] | None:
        """What has waited for too long, and since when: a message that could leave, or an event."""
        outbox = self.now.outbox
        waits = (
            ("an event", outbox.unplanned_since, DEAD_AFTER),
            ("a message", outbox.due_since, OVERDUE_AFTER),
        )
        return next(((what, at) for what, at, most in waits if at and self.silence(at) > most), None)

    def _buttons(self) -> Verdict:
        seen = self.now.buttons
        if self._is_seen(seen, within=UNHEARD_AFTER):
            return Verdict("buttons", State.ALIVE, "presses of buttons in Slack are heard")
        if self.silence(seen) <= UNHEARD_AFTER:
            return Verdict("buttons", State.UNKNOWN, "it has just begun to listen, or is about to")
        reason = f"nobody hears the buttons in Slack {_ago(seen, self.now.at)}"
        return Verdict("buttons", State.STOPPED, reason, ailments.BUTTONS, seen)


def _ago(seen: datetime | None, now: datetime) -> str:
    if seen is None:
        return "yet"
    return f"{span(now - seen)} ago" if now - seen < DEAD_AFTER else f"for {span(now - seen)}"
