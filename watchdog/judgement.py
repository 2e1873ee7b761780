"""Which of Tocsin's own parts are alive: the one judgement of the watchdog, `tocsin status` and `doctor`."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.cadence import HEALTH_INTERVAL, HEARTBEAT_INTERVAL, NOTIFY_INTERVAL, SAMPLE_INTERVAL
from domain.queues import COLLECT
from notifications.quantities import span
from watchdog import ailments
from watchdog.limits import DEAD_AFTER, EVERY, OVERDUE_AFTER, SOONEST, UNHEARD_AFTER
from watchdog.signs import CHORES, Sign, Signs
from watchdog.verdict import State, Verdict
from watchdog.vitals import Vitals

_UNDECIDED = "it fell silent, and so did what it hangs on; it will soon be seen which of them has stopped"


def judge(now: Vitals) -> tuple[Verdict, ...]:
    """A verdict on every part; one that only follows from another's is unknown and says so."""
    return tuple(_Judge(now, Signs(now)).verdicts())


def stand_ins(now: Vitals) -> frozenset[str]:
    """The queues whose work nobody does, `collect` included where nobody says any more when to collect."""
    signs = Signs(now)
    beat_is_gone = signs.is_silent(now.beat) and not signs.beat_is_heard()
    silent = {queue for queue in now.queues if signs.queue_is_silent(queue)}
    wanted = {one for one in silent if beat_is_gone or not signs.went_with_beat(now.queues[one])}
    if signs.overdue():
        wanted.add("notify")
    if beat_is_gone:
        wanted.add(COLLECT)
    return frozenset(wanted)


def next_look(now: Vitals) -> timedelta:
    """In how long the next look is due: at once when a part is dead that gives no sign until then."""
    if any(one.reason == _UNDECIDED for one in judge(now)):
        return SOONEST
    silences = [Signs(now).silence(seen) for seen in now.signs]
    left = [DEAD_AFTER - one for one in silences if one <= DEAD_AFTER]
    return min([EVERY, *(max(SOONEST, one) for one in left)])


@dataclass(frozen=True, slots=True)
class _Judge:
    now: Vitals
    signs: Signs

    def verdicts(self) -> Iterator[Verdict]:
        cause = self._cause()
        if self.now.redis_answers is not None:
            yield self._redis(cause)
        yield self._beat(cause)
        for queue in sorted(self.now.queues):
            yield self._queue(queue, cause)
        if cause is None and self.signs.queue_is_silent("health"):
            cause = "queue health"
        health = (self.signs.beat_heard_at, self.now.queues.get("health"))
        recorder = Sign(self.now.recorder, SAMPLE_INTERVAL, health)
        evaluation = Sign(self.now.evaluation, HEALTH_INTERVAL, health)
        yield self._part("recorder", recorder, cause, ailments.RECORDER)
        yield (evaluated := self._part("evaluation", evaluation, cause, ailments.EVALUATION))
        yield self._collectors(evaluated.state)
        yield self._outbox(cause)
        if self.now.buttons_awaited:
            yield self._buttons()

    def _cause(self) -> str | None:
        """The one part whose end silences all others."""
        if self.now.redis_answers is False and any(map(self.signs.is_silent, self.now.signs)):
            return "redis"
        silent = self.signs.is_silent(self.now.beat, after=["redis"]) and not self.signs.beat_is_heard()
        return "beat" if silent else None

    def _redis(self, cause: str | None) -> Verdict:
        if self.now.redis_answers:
            return Verdict("redis", State.ALIVE, "it answers")
        if cause == "redis":
            reason = "Redis does not answer at its address"
            return Verdict("redis", State.STOPPED, reason, ailments.REDIS, self.now.beat)
        return Verdict("redis", State.UNKNOWN, "it does not answer at this moment")

    def _beat(self, cause: str | None) -> Verdict:
        if cause is None and self.signs.is_silent(self.now.beat) and self.signs.beat_is_heard():
            return Verdict("beat", State.ALIVE, "collectors hear its ticks, though no worker does")
        told = None if cause == "beat" else cause
        return self._part("beat", Sign(self.now.beat), told, ailments.BEAT, after=["redis"])

    def _queue(self, queue: str, cause: str | None) -> Verdict:
        part, seen = f"queue {queue}", self.now.queues[queue]
        if self.signs.is_busy(queue):
            return Verdict(part, State.ALIVE, "a chore is at work, and what else is in it waits")
        sign = Sign(seen, HEARTBEAT_INTERVAL, (self.signs.beat_heard_at,))
        reason = f"nothing that is put into the queue {queue} has been done {{ago}}"
        command = "tocsin worker --queues chores" if queue == CHORES else "tocsin worker"
        return self._part(part, sign, cause, (reason, ailments.QUEUE.format(command=command)))

    def _part(
        self,
        part: str,
        sign: Sign,
        cause: str | None,
        words: tuple[str, str],
        *,
        after: Iterable[str] = ("redis", "beat"),
    ) -> Verdict:
        seen = sign.seen
        if self.signs.is_seen(seen):
            return Verdict(part, State.ALIVE, f"last seen at work {_ago(seen, self.now.at)}")
        if cause:
            return Verdict(part, State.UNKNOWN, f"it cannot work, because of {cause}")
        if not self.signs.is_silent(seen, after=after):
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
        if cause is None and self.signs.queue_is_silent("notify"):
            cause = "queue notify"
        overdue = self.signs.overdue()
        if overdue and not (cause and self.signs.silence(overdue[1]) <= OVERDUE_AFTER):
            what, since = overdue
            reason = f"{what} has waited to be told for {span(self.now.at - since)}"
            return Verdict("outbox", State.STOPPED, reason, ailments.OUTBOX, since)
        if self.now.outbox.sending:
            return Verdict("outbox", State.ALIVE, "a message is on its way")
        carriers = (self.signs.beat_heard_at, self.now.queues.get("notify"))
        sweep = Sign(self.now.outbox.swept_at, NOTIFY_INTERVAL, carriers)
        return self._part("outbox", sweep, cause, ailments.SWEEP)

    def _buttons(self) -> Verdict:
        seen = self.now.buttons
        if self.signs.is_seen(seen, within=UNHEARD_AFTER):
            return Verdict("buttons", State.ALIVE, "presses of buttons in Slack are heard")
        if self.signs.silence(seen) <= UNHEARD_AFTER:
            return Verdict("buttons", State.UNKNOWN, "it has just begun to listen, or is about to")
        reason = f"nobody hears the buttons in Slack {_ago(seen, self.now.at)}"
        return Verdict("buttons", State.STOPPED, reason, ailments.BUTTONS, seen)


def _ago(seen: datetime | None, now: datetime) -> str:
    if seen is None:
        return "yet"
    return f"{span(now - seen)} ago" if now - seen < DEAD_AFTER else f"for {span(now - seen)}"
