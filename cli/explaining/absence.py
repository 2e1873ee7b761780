"""Why nobody was paged about a host at some time: every reason that there is for it, from what was stored."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from cli.alerting.queries import shown
from cli.errors import CommandError
from cli.explaining import absence_queries as stored
from cli.explaining.absence_alerts import Finding, findings_of
from cli.explaining.absence_queries import LOOK_BACK, AtWork
from cli.explaining.replay import Replayed, merged, replay
from domain.cadence import SILENCE
from domain.severity import Severity
from notifications.quantities import moment, span
from notifications.quiet import quiet
from policy import COMPONENTS, Policy
from settings import shown as quoted


@dataclass(frozen=True, slots=True)
class Absence:
    """The answer: whether anybody was told after all, the reasons, and what was looked at."""

    host: str
    at: datetime
    told: bool
    findings: Sequence[Finding]
    looked_at: Sequence[str]


def explain(connection: Connection, policy: Policy, host: str, at: datetime) -> Absence:
    """Why nobody was paged about a host at a time; raises CommandError for a host that nobody knows."""
    found = stored.host_of(connection, host)
    if found is None:
        raise _unknown(connection, host)
    host_id, first_seen_at = found
    readings = stored.readings(connection, policy, host_id, host, at)
    disks = stored.partitions(connection, policy, host_id, host, at)
    work = stored.at_work(connection, host_id, at)
    replayed = replay(merged(readings, disks))
    numbers = stored.alerts_open_at(connection, host_id, at)
    findings = [*_alerts(connection, numbers, at)]
    told = any(finding.kind == "told" for finding in findings)
    newest = max(readings, default=None)
    if newest is None or at - newest > SILENCE:
        last = stored.last_sample(connection, host_id, at)
        findings += _silent(host, at, first_seen_at, last, work)
    elif not numbers:
        findings += _values(replayed)
    looked_at = [
        *_looked_at(host, len(readings), at, work, numbers),
        *_in_peace(connection, policy, host, at),
    ]
    return Absence(host, at, told, findings, [*looked_at, *(one.reading for one in replayed)])


def _unknown(connection: Connection, host: str) -> CommandError:
    known = stored.hosts(connection)
    near = difflib.get_close_matches(host, known, 1, 0.6)
    remedy = f"did you mean {near[0]}?" if near else "tocsin status shows the hosts that are known"
    return CommandError(f"no host {quoted(host)} has ever sent a sample", remedy)


def _alerts(connection: Connection, numbers: Sequence[int], at: datetime) -> Iterator[Finding]:
    for number in numbers:
        found = shown(connection, number)
        if found is not None:
            yield from findings_of(found, at)


def _silent(
    host: str, at: datetime, first_seen_at: datetime, last: datetime | None, work: AtWork
) -> Iterator[Finding]:
    """Why there is no fresh sample: the host was silent, or Tocsin itself did not record."""
    if at < first_seen_at:
        yield Finding(
            "not-watched", f"{host} was not watched yet: its first sample came at {moment(first_seen_at)}"
        )
        return
    if work.oldest is None or at < work.oldest:
        yield Finding(
            "not-kept", "no samples are kept of that time any more, so nothing can be said of values"
        )
        return
    before = f"the last one before came at {moment(last)}" if last else "none came in the day before either"
    yield Finding("no-samples", f"no sample of {host} was stored in the {span(SILENCE)} before; {before}")
    if not work.others and not work.recording:
        yield Finding(
            "not-recording",
            "Tocsin stored no sample of any host then: the worker, Redis or PostgreSQL was away,"
            " or no collector ran",
        )
    if not work.checks:
        yield Finding("not-checking", "no health check ran then, so nobody looked for silent hosts")


def _values(replayed: Sequence[Replayed]) -> Iterator[Finding]:
    """Why samples that came opened nothing."""
    breached = [one for one in replayed if one.begins is not None]
    for one in breached:
        if one.opened_at is None:
            yield Finding("brief", one.brief)
        else:
            yield Finding(
                "rules-changed",
                f"{one.component}: by the rules that hold now an alert would have opened at"
                f" {moment(one.opened_at)}, and none was open: it was over, or the rules have changed",
            )
    if not breached:
        yield Finding("calm", f"no value breached a threshold in the {span(LOOK_BACK)} before")


def _looked_at(host: str, samples: int, at: datetime, work: AtWork, numbers: Sequence[int]) -> Iterator[str]:
    yield f"samples of {host} from {moment(at - LOOK_BACK)} on: {samples}"
    yield f"samples of other hosts in the {span(SILENCE)} before: {work.others}"
    yield f"health checks around that time: {work.checks}"
    yield f"alerts of {host} that were open then: {', '.join(str(number) for number in numbers) or 'none'}"


def _in_peace(connection: Connection, policy: Policy, host: str, at: datetime) -> Iterator[str]:
    """The silences, maintenance and quiet hours that were in force for anything on a host."""
    in_force = quiet(connection, policy, at)
    reasons = {
        hold.reason
        for component in COMPONENTS
        for severity in Severity
        if (hold := in_force.hold(host=host, component=component, severity=severity, at=at))
    }
    yield f"silences, maintenance and quiet hours: {'; '.join(sorted(reasons)) or 'none were in force'}"
