"""Words a notice for templates: formatted, bounded, each text on one line."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.alerts import EventKind
from notifications.context import Context, OtherAlert, Process, Row, TrendWords
from notifications.notice import BusyProcess, Notice, OpenAlert, Trend
from notifications.quantities import clock, number, quantity, span
from notifications.tables import background, coming, missing, past, rows, told
from notifications.trends import GAP, sparkline
from notifications.wording import (
    DRILL,
    NAME,
    SECOND_COPY,
    amount,
    by_memory,
    health,
    is_over,
    is_taken,
    link,
    measured,
    name,
    open_for,
    sentence,
    show_command,
)

PROCESSES, ALSO_OPEN, FACTS, NOTES = 5, 8, 12, 6
NEW = timedelta(hours=1)

# Kinds of events whose `lead.txt` begins with the reason, or says it.
REASON_FIRST = frozenset({EventKind.RESOLVED, EventKind.NOTED, EventKind.ACKNOWLEDGED})


def placeholders(notice: Notice, *, width: int = NAME, brief: bool = False) -> Context:
    """Everything that a template can name (docs/messages.md lists it), not yet escaped.

    `width` bounds host and component in code points, cut in the middle, for lines that must stay short;
    `brief` is for a line that stands where both are said already.
    """
    also_open = notice.also_open[:ALSO_OPEN]
    return Context(
        kind=notice.kind.value,
        severity=notice.severity.value.upper(),
        drill=notice.is_drill,
        repeated=notice.repeated,
        over=is_over(notice),
        taken=is_over(notice) or is_taken(notice),
        brief=brief,
        alert_id=notice.alert_id,
        incident_id=notice.incident_id,
        delivery_id=notice.delivery_id,
        show_command=show_command(notice),
        host=name(notice.host, width),
        component=name(notice.component, width),
        rule=name(notice.rule),
        metric=name(notice.metric),
        value=measured(notice),
        limit=amount(notice, notice.threshold),
        since=clock(notice.breach_since, notice.at),
        at=clock(notice.at, notice.at),
        duration=span(open_for(notice)),
        actor=name(notice.acknowledged_by or "somebody", min(width, 40)),
        message=sentence(notice, notice.message),
        reason=sentence(notice, notice.reason),
        why=_why(notice),
        marks=tuple(_marks(notice)),
        acknowledge=notice.acknowledge and name(notice.acknowledge),
        runbook_url=notice.runbook_url and link(notice.runbook_url),
        rows=tuple(rows(notice)),
        trend=_trend(notice),
        health=health(notice.health) if notice.health else None,
        past=past(notice),
        told=told(notice),
        coming=tuple(coming(notice)),
        missing=missing(notice),
        background=tuple(background(notice)),
        facts=tuple(Row(name(f.name, 40), amount(notice, f.value, f.unit)) for f in notice.facts[:FACTS]),
        processes=tuple(_processes(notice)),
        processes_by="memory" if by_memory(notice) else "CPU",
        seen=clock(_seen_at(notice), notice.at),
        also_open=tuple(_also_open(notice, alert) for alert in also_open),
        also_open_more=max(len(notice.also_open), notice.also_open_total) - len(also_open),
    )


def _why(notice: Notice) -> str | None:
    """The reason, unless the first words of the message say it already."""
    said = notice.kind in REASON_FIRST or notice.reason == notice.message
    return None if said else sentence(notice, notice.reason)


def _marks(notice: Notice) -> Iterator[str]:
    """What must be read before the rest: a drill, a copy, a stand-in, and what planning has to say."""
    if notice.is_drill:
        yield DRILL
    if notice.repeated:
        yield SECOND_COPY
    if notice.fallback_for:
        yield f"Sent here because {name(notice.fallback_for)} could not be reached."
    for note in notice.notes[:NOTES]:
        yield sentence(notice, note)


def _trend(notice: Notice) -> TrendWords | None:
    """The last hour, where anything was measured in it."""
    trend = notice.background.trend
    if trend is None or not trend.measured:
        return None
    return TrendWords(spark=sparkline(trend, notice.unit, notice.threshold), words=_course(notice, trend))


def _course(notice: Notice, trend: Trend) -> str:
    lowest, highest = min(trend.measured), max(trend.measured)
    words = f"{amount(notice, lowest)} to {amount(notice, highest)}"
    words += f", from {clock(trend.since, notice.at)} to {clock(trend.until, notice.at)}"
    return words + (f"; a gap ({GAP}) is no data" if len(trend.measured) < len(trend.values) else "")


def _seen_at(notice: Notice) -> datetime:
    return notice.seen_at or notice.at


def _processes(notice: Notice) -> Iterator[Process]:
    """The busiest at the breach: by memory where that is short, else by CPU."""
    if by_memory(notice):
        busiest = sorted(notice.processes, key=lambda process: -process.memory_mb)
    else:
        busiest = sorted(notice.processes, key=lambda process: -(process.cpu_percent or 0))
    for process in busiest[:PROCESSES]:
        yield _process(process, _seen_at(notice))


def _process(process: BusyProcess, seen_at: datetime) -> Process:
    memory = f"{number(process.memory_mb)} MB"
    if process.memory_percent is not None:
        memory += f" ({number(process.memory_percent)} %)"
    cpu = "unknown" if process.cpu_percent is None else quantity(process.cpu_percent, "%")
    return Process(
        name=name(process.name, 40),
        pid=str(process.pid),
        cpu=cpu,
        memory=memory,
        new=_new(process, seen_at),
    )


def _new(process: BusyProcess, seen_at: datetime) -> str | None:
    """When it started, if that was in the last hour; a host's clock may be ahead, but not by an hour."""
    if process.started_at is None or abs(seen_at - process.started_at) >= NEW:
        return None
    return f"new, started {span(seen_at - process.started_at)} before"


def _also_open(notice: Notice, alert: OpenAlert) -> OtherAlert:
    return OtherAlert(
        id=str(alert.alert_id),
        severity=alert.severity.value.upper(),
        component=name(alert.component, 80),
        value=amount(notice, alert.value, alert.unit),
        since=clock(alert.opened_at, notice.at),
    )
