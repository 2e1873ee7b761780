"""When: one table of what runs how often, on which queue, and for how long a missed tick is worth running."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import floor

from celery.schedules import crontab, schedstate, schedule

from domain.cadence import (
    HEALTH_INTERVAL,
    HEARTBEAT_INTERVAL,
    NOTIFY_INTERVAL,
    PROCESS_INTERVAL,
    SAMPLE_INTERVAL,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Aligned(schedule):
    """Every multiple of an interval since the epoch, `after` so long, whenever the scheduler was started.

    Two schedulers then ask for the same slots at the same moments, and a slot is stored once.
    """

    def __init__(self, every: timedelta, after: timedelta = timedelta(0)) -> None:
        # Everything here is UTC, so that no app and no setting has to be asked for the time.
        super().__init__(every, nowfun=partial(datetime.now, UTC))
        self.every = every
        self.after = after

    def __reduce__(self) -> tuple[type["Aligned"], tuple[timedelta, timedelta]]:
        return type(self), (self.every, self.after)

    def is_due(self, last_run_at: datetime) -> schedstate:
        period = self.every.total_seconds()
        now, last = (at.timestamp() - self.after.total_seconds() for at in (self.now(), last_run_at))
        ticks = floor(now / period)
        # A last run in the future means that the clock was set back: begin anew from here.
        due = ticks > floor(last / period) or last > now + period
        return schedstate(due, (ticks + 1) * period - now)

    def remaining_estimate(self, last_run_at: datetime) -> timedelta:
        due, wait = self.is_due(last_run_at)
        return timedelta(0) if due else timedelta(seconds=wait)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule. A tick that was not begun within `expires` is not worth running any more."""

    task: str
    when: schedule | crontab
    period: timedelta
    queue: str
    expires: timedelta
    chore: bool = False

    def tick(self, now: datetime) -> datetime:
        """The tick that a run at `now` belongs to: what makes two runs of one tick the same."""
        seconds = self.period.total_seconds()
        return datetime.fromtimestamp(floor(now.timestamp() / seconds) * seconds, UTC)

    def tick_of(self, ends: datetime | None, now: datetime) -> datetime:
        """The tick that a run at `now` claims: the one for which its message was sent.

        `ends` is when the message is no longer worth running, so that one which waited over the turn of a
        period leaves the next tick alone. Without a message, and where the clock of who sent it must be
        wrong, `now` decides.
        """
        sent = now if ends is None else ends - self.expires
        return self.tick(sent if now - self.period < sent <= now else now)

    def next_after(self, now: datetime) -> datetime:
        """When the tick after `now` comes (aware, answered in UTC)."""
        if not isinstance(self.when, crontab):
            return self.tick(now) + self.period
        minute = now.astimezone(UTC).replace(second=0, microsecond=0)
        minutes, hours = self.when.minute, self.when.hour  # type: ignore[attr-defined] # not in the stubs
        coming = (minute + timedelta(minutes=number) for number in range(1, 24 * 60 + 1))
        return next(at for at in coming if at.minute in minutes and at.hour in hours)


def _often(task: str, every: timedelta, queue: str, after: timedelta = timedelta(0)) -> Entry:
    return Entry(task, Aligned(every, after), every, queue, expires=every)


def _chore(task: str, when: crontab, period: timedelta) -> Entry:
    # Late is better than never, up to the next one.
    return Entry(task, when, period, "chores", expires=period, chore=True)


ENTRIES = (
    _often("collect.system", SAMPLE_INTERVAL, "collect"),
    _often("collect.processes", PROCESS_INTERVAL, "collect"),
    # For the samples of hosts that cannot reach Postgres themselves, when they have surely arrived.
    _often("record.samples", SAMPLE_INTERVAL, "health", after=timedelta(seconds=1)),
    # Shortly after a sample, so that a host whose last one came just before is not looked at too early and
    # then only 15 s later: people hear of each within 28 s.
    _often("health.check", HEALTH_INTERVAL, "health", after=timedelta(seconds=2)),
    _often("notifications.deliver", NOTIFY_INTERVAL, "notify"),
    # Two minutes past, so that the last samples of the hour have arrived.
    _chore("aggregate.hourly", crontab(minute="2"), HOUR),
    _chore("aggregate.daily", crontab(minute="0", hour="3"), DAY),
    _chore("cleanup.retention", crontab(minute="0", hour="2"), DAY),
)

# Whatever comes through a queue shows that it is worked on; where nothing may come for an hour, something is
# sent for that purpose only.
CANARIES = (_often("canary.chores", HEARTBEAT_INTERVAL, "chores"),)

# What comes again by itself within seconds: a tick of it that is lost is not missed.
FREQUENT = frozenset(entry.task for entry in (*ENTRIES, *CANARIES) if not entry.chore)

# Tasks that no schedule starts, with the queue of each.
ON_DEMAND = {"notifications.test": "notify", "record.custom": "health"}

QUEUES = {entry.task: entry.queue for entry in (*ENTRIES, *CANARIES)} | ON_DEMAND

SCHEDULE = {
    entry.task: {
        "task": entry.task,
        "schedule": entry.when,
        "options": {
            "queue": entry.queue,
            "expires": entry.expires.total_seconds(),
            "headers": {"origin": "beat"},
            # Nobody waits for what comes every few seconds; of a chore people look it up.
            "ignore_result": not entry.chore,
        },
    }
    for entry in (*ENTRIES, *CANARIES)
}
