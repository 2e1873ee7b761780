"""Whether all is well, and what is not, in sentences: the words of `tocsin status` and of the live view."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from beat_schedule import ENTRIES, Entry
from cli.view.situation import Check, LastRun, Situation
from domain.cadence import SILENCE
from domain.hosts import SELF
from domain.severity import Severity
from notifications.quantities import span
from watchdog.itself import PART as WATCHDOG
from watchdog.itself import itself
from watchdog.judgement import judge
from watchdog.verdict import stopped

# A task is late when three of its ticks passed without it, and never because of one slow worker.
LATE_AFTER_TICKS = 3
LATE_AT_LEAST = timedelta(seconds=30)

# Whoever starts Tocsin has so long to start a watchdog.
WATCHED_WITHIN = timedelta(minutes=2)

LONG_AGO = datetime.min.replace(tzinfo=UTC)

# More than five minutes of one host: the recorder does not keep up, or nobody records.
MANY_WAITING = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be, in one sentence."""

    severity: Severity
    sentence: str


def findings(now: Situation, began: datetime | None = None) -> list[Finding]:
    """Everything that is not well, the worst first; empty when all is well.

    `began` is when the programs were started, where that is known: nobody is late for what was before.
    """
    found = [
        *_hosts(now, began or LONG_AGO),
        *_alerts(now),
        *_health(now),
        *(_parts(now, began) or _tasks(now, began or _beat_since(now))),
        *_messages(now),
        *_samples(now),
    ]
    return sorted(found, key=lambda one: -one.severity.rank)


def worst(found: Sequence[Finding]) -> Severity | None:
    """The worst severity among findings."""
    return max((one.severity for one in found), key=lambda severity: severity.rank, default=None)


def _hosts(now: Situation, began: datetime) -> Iterator[Finding]:
    if not now.readings:
        yield Finding(Severity.CRITICAL, "no host has sent a sample yet; is a collector running?")
    told = {alert.host for alert in now.alerts if alert.component == "host"}
    for one in (reading for reading in now.readings if reading.host not in told):
        if one.age is None:
            yield Finding(Severity.CRITICAL, f"{one.host} is unknown: it has sent no sample yet")
        elif min(one.age, now.at - began) > SILENCE:
            yield Finding(Severity.CRITICAL, f"{one.host} is unknown: it has been silent for {span(one.age)}")


def _alerts(now: Situation) -> Iterator[Finding]:
    for alert in now.alerts:
        taken = f", taken by {alert.acknowledged_by}" if alert.acknowledged_by else ""
        drill = ", a drill" if alert.is_drill else ""
        sentence = f"{alert.host} {alert.component}: {alert.message} (alert {alert.id}{taken}{drill})"
        yield Finding(Severity(alert.severity), sentence)


def _health(now: Situation) -> Iterator[Finding]:
    """What health checks say beyond the open alerts, which take their time to open."""
    known = {(alert.host, alert.component) for alert in now.alerts}
    for check in now.checks:
        yield from (one for one in _of_check(check) if (check.host, _component(one)) not in known)


def _of_check(check: Check) -> Iterator[Finding]:
    for severity, sentences in ((Severity.CRITICAL, check.criticals), (Severity.WARNING, check.warnings)):
        for sentence in sentences:
            yield Finding(severity, f"{check.host} {sentence}")


def _component(finding: Finding) -> str:
    """The component that a health check's sentence begins with, after the host: `web-1 disk:/var: …`."""
    return finding.sentence.partition(" ")[2].partition(": ")[0]


def _parts(now: Situation, began: datetime | None) -> list[Finding]:
    """What the watchdog thinks of the parts of Tocsin, and whether there is one."""
    if now.vitals is None:
        return []
    since = max(filter(None, (now.vitals.watched_since, began)), default=None)
    vitals = replace(now.vitals, watched_since=since)
    found = [Finding(Severity.CRITICAL, str(one)) for one in stopped(judge(vitals))]
    begun = began or now.vitals.beat_since
    is_told = any((alert.host, alert.component) == (SELF, WATCHDOG) for alert in now.alerts)
    had_time = begun is None or now.at - begun > WATCHED_WITHIN
    if had_time and not is_told:
        found += [Finding(Severity.WARNING, str(one)) for one in stopped([itself(now.vitals)])]
    return found


def _beat_since(now: Situation) -> datetime | None:
    """Since when somebody has said what to do: no task is late for what was before."""
    return now.vitals.beat_since if now.vitals is not None else None


def _tasks(now: Situation, began: datetime | None) -> Iterator[Finding]:
    for entry in ENTRIES:
        if entry.chore:
            yield from _failed(now.run_of(entry.task))
        else:
            yield from _late(entry, now, began)


def _late(entry: Entry, now: Situation, began: datetime | None) -> Iterator[Finding]:
    run = now.run_of(entry.task)
    ran_at = run.at if run else None
    since = max(filter(None, (ran_at, began)), default=None)
    if since and now.at - since <= max(LATE_AFTER_TICKS * entry.period, LATE_AT_LEAST):
        return
    late = f"has not run for {span(now.at - ran_at)}" if ran_at else "has not run yet"
    remedy = f"is beat running, and a worker for the queue {entry.queue}?"
    yield Finding(Severity.CRITICAL, f"{entry.task} {late}; {remedy}")


def _failed(run: LastRun | None) -> Iterator[Finding]:
    if run is not None and run.outcome == "failed":
        why = run.result.get("error", "for no reason that is known")
        yield Finding(Severity.WARNING, f"{run.task} failed at {run.at:%Y-%m-%d %H:%M:%S} UTC: {why}")


def _messages(now: Situation) -> Iterator[Finding]:
    if now.outbox.dead:
        remedy = "tocsin alerts show says why"
        yield Finding(
            Severity.WARNING, f"{_count(now.outbox.dead, 'message')} of the last day did not arrive; {remedy}"
        )
    if now.outbox.retried:
        yield Finding(
            Severity.WARNING, f"{_count(now.outbox.retried, 'message')} failed and will be tried again"
        )


def _samples(now: Situation) -> Iterator[Finding]:
    if now.waiting > MANY_WAITING:
        remedy = "is a collector or a worker with access to Postgres running?"
        yield Finding(Severity.WARNING, f"{now.waiting:,} samples wait to be stored; {remedy}")


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
