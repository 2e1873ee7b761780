"""Who is silent: hosts, the recorder and the watchdog; and never for a time in which nobody looked."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Connection

from domain.cadence import HEALTH_INTERVAL, SILENCE
from domain.hosts import SELF
from policy import Policy
from worker import heartbeats
from worker.observations import Observation

NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Looks:
    """The health checks up to `now`: without a break since `began`, and the last one too late by `late_by`.

    All that is late is a machine that stood still, with everything else on it, and is no silence of anybody.
    """

    now: datetime
    began: datetime
    late_by: timedelta = NONE

    @classmethod
    def after(cls, before: datetime | None, began: datetime, now: datetime) -> Self:
        """A look at `now`, after the last one at the time `before`, None for no other."""
        return cls(now, began, max(NONE, now - before - HEALTH_INTERVAL) if before else NONE)

    def silent_s(self, at: datetime) -> float:
        """For how many seconds a part that was last seen `at` has been silent while somebody looked."""
        return max(NONE, self.now - max(at, self.began) - self.late_by).total_seconds()


@dataclass(frozen=True, slots=True)
class Recorder:
    """Whether samples are being stored: nobody can tell a silent host from a recorder that does not record.

    `until` is the last moment up to which it surely recorded, `since` the start of that unbroken time, and
    `silent_s` for how many seconds it has not.
    """

    since: datetime
    until: datetime
    silent_s: float

    @classmethod
    def seen(cls, at: datetime, since: datetime, looks: Looks) -> Self:
        return cls(since, looks.now if looks.now - at <= SILENCE else at, looks.silent_s(at))


@dataclass(frozen=True, slots=True)
class Signs:
    """What the recorder and the watchdog have left; None for a watchdog where there was never one."""

    recorder: Recorder
    watchdog_silent_s: float | None

    @classmethod
    def read(cls, connection: Connection, now: datetime) -> Self:
        """Read them, and note that the health check looks."""
        seen = heartbeats.last(connection, "health.check", "recorder", "watchdog")
        began = heartbeats.beat(connection, "health.check", now, {}, gap=3 * HEALTH_INTERVAL)
        looks = Looks.after(seen["health.check"][0] if "health.check" in seen else None, began, now)
        watchdog = looks.silent_s(seen["watchdog"][0]) if "watchdog" in seen else None
        return cls(Recorder.seen(*seen.get("recorder", (began, began)), looks), watchdog)


def of_host(policy: Policy, host: str, last_seen_at: datetime, recorder: Recorder) -> Iterator[Observation]:
    """The silence of a host, as far as samples were recorded."""
    silent_s = (recorder.until - max(last_seen_at, recorder.since)).total_seconds()
    for rule in policy.rules_for(host, "host"):
        yield Observation("host", rule, max(0.0, silent_s))


def of_parts(policy: Policy, signs: Signs) -> Iterator[Observation]:
    """The silence of the recorder, and of whoever watches everything else."""
    for rule in policy.rules_for(SELF, "host"):
        yield Observation("recorder", rule, signs.recorder.silent_s)
    if signs.watchdog_silent_s is not None:
        for rule in policy.rules_for(SELF, "watchdog"):
            yield Observation("watchdog", rule, signs.watchdog_silent_s)
