"""One example of every message that there is, as an ordinary night brings them: to try templates on."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.alerts import EventKind
from domain.health import score
from domain.severity import Severity
from notifications.digest import Digest
from notifications.notice import (
    Background,
    BusyProcess,
    Coming,
    Fact,
    Notice,
    OpenAlert,
    Past,
    Told,
    Trend,
)

BREACH = datetime(2026, 11, 21, 3, 12, 5, tzinfo=UTC)
OPENED = BREACH + timedelta(seconds=60)
MINUTE = timedelta(minutes=1)

# As the rules word them.
_BREACHED = "CPU usage is 97.2 %, and has been at or above 90 % since 2026-11-21 03:12:05 UTC"
_UNHEARD = "The age of the newest sample is 75 s, and has been at or above 15 s since 2026-11-21 03:12:05 UTC"

# The hour before: half an hour of little, ten minutes in which nothing was measured, and then the climb.
_QUIET = (31.0, 34.2, 29.8, 33.1, 38.0, 35.5, 30.2, 41.7, 36.4, 33.9)
_CLIMB = (44.0, 47.1, 52.3, 58.8, 55.0, 61.2, 66.9, 71.3, 78.0, 84.4)
_HOUR: tuple[float | None, ...] = (*_QUIET, *_QUIET, *_QUIET, *(None,) * 10, *_QUIET, *_CLIMB[:8], 95.1, 97.2)
_WHOLE_HOUR = (*_QUIET, *_QUIET, *_QUIET, *_QUIET, *_QUIET, *_CLIMB[:8], 95.1, 97.2)

_TOLD = (Told(destination="slack", at=OPENED), Told(destination="email", addresses=2, at=OPENED))
_BACKGROUND = Background(
    trend=Trend(since=OPENED - 60 * MINUTE, step=MINUTE, values=_WHOLE_HOUR),
    past=Past(days=30, times=4, median=timedelta(minutes=12)),
    told=(Told(destination="slack"), Told(destination="email", addresses=2)),
    coming=(
        Coming(
            at=OPENED + 10 * MINUTE,
            what="step 1, unless somebody acknowledges it: second-line will be told",
        ),
        Coming(
            at=OPENED + 15 * MINUTE,
            what="a reminder to everybody who was told, unless somebody acknowledges it",
        ),
    ),
    messages=2,
)

CPU = Notice(
    delivery_id=456,
    alert_id=123,
    incident_id=120,
    kind=EventKind.OPENED,
    severity=Severity.CRITICAL,
    host="web-1",
    component="cpu",
    rule="cpu-high",
    metric="cpu_percent",
    unit="%",
    value=97.2,
    threshold=90.0,
    message=_BREACHED,
    reason=_BREACHED,
    at=OPENED,
    opened_at=OPENED,
    breach_since=BREACH,
    peak=98.1,
    health=score(cpu_percent=97.2, memory_percent=61, disk_percent=45, warnings=1, criticals=1),
    facts=(
        Fact(name="CPU", value=97.2, unit="%"),
        Fact(name="load", value=8.13),
        Fact(name="memory", value=61.0, unit="%"),
        Fact(name="swap", value=None, unit="%"),
        Fact(name="disks", value=45.0, unit="%"),
        Fact(name="connections", value=1_312),
    ),
    processes=(
        BusyProcess(
            name="reindex",
            pid=22011,
            cpu_percent=310.5,
            memory_mb=2_212,
            memory_percent=13.7,
            started_at=BREACH - 3 * MINUTE,
        ),
        BusyProcess(
            name="postgres",
            pid=812,
            cpu_percent=44.2,
            memory_mb=1_240,
            memory_percent=7.7,
            started_at=BREACH - timedelta(days=31),
        ),
        BusyProcess(name="nginx", pid=1190, cpu_percent=12, memory_mb=88.4, memory_percent=0.5),
        BusyProcess(name="gunicorn", pid=1377, cpu_percent=9.5, memory_mb=412, memory_percent=2.6),
        BusyProcess(name="node_exporter", pid=733, cpu_percent=0.4, memory_mb=21.3, memory_percent=0.1),
    ),
    also_open=(
        OpenAlert(
            alert_id=119,
            severity=Severity.WARNING,
            component="memory",
            value=81.0,
            unit="%",
            opened_at=BREACH - timedelta(hours=5),
        ),
    ),
    also_open_total=1,
    background=_BACKGROUND,
    acknowledge="tocsin alerts ack 123",
    runbook_url="https://wiki.example.com/runbooks/cpu-high",
)


def later(kind: EventKind, minutes: float, **changes: Any) -> Notice:
    """The same alert with an event of `kind`, so many minutes after it opened."""
    at = OPENED + minutes * MINUTE
    told = replace(_BACKGROUND, told=_TOLD, coming=_BACKGROUND.coming[1:], messages=2)
    since_then = replace(CPU, kind=kind, at=at, seen_at=OPENED, background=told)
    return replace(since_then, **changes)


_RESOLVED = later(
    EventKind.RESOLVED,
    14,
    value=41.3,
    reason="CPU usage is 41.3 %, and has been more than 5 % under 70 % since 2026-11-21 03:26:00 UTC",
    resolved_at=OPENED + 14 * MINUTE,
    acknowledged_by="anna",
    acknowledged_at=OPENED + 3 * MINUTE,
    acknowledge=None,
    seen_at=None,
    health=score(cpu_percent=41.3, memory_percent=60, disk_percent=45, warnings=1, criticals=0),
    facts=(
        Fact(name="CPU", value=41.3, unit="%"),
        Fact(name="load", value=2.4),
        Fact(name="memory", value=60.0, unit="%"),
        Fact(name="swap", value=None, unit="%"),
        Fact(name="disks", value=45.0, unit="%"),
        Fact(name="connections", value=640),
    ),
    background=replace(
        _BACKGROUND,
        trend=Trend(
            since=OPENED - 46 * MINUTE,
            step=MINUTE,
            values=(*_WHOLE_HOUR[14:], *(97.0, 98.1) * 6, 62.5, 41.3),
        ),
        told=_TOLD,
        coming=(),
        messages=6,
    ),
)

_SILENT = replace(
    CPU,
    component="host",
    rule="no-data",
    metric="silence_s",
    unit="s",
    value=75.0,
    threshold=15.0,
    peak=75.0,
    message=_UNHEARD,
    reason=_UNHEARD,
    health=None,
    facts=(),
    processes=(),
    also_open=(),
    also_open_total=0,
    runbook_url="https://wiki.example.com/runbooks/no-data",
    background=replace(_BACKGROUND, trend=None, missing=("the last hour",)),
)


def _many() -> Digest:
    """A switch that took twelve machines with it, and two that came back."""
    silent = [
        replace(_SILENT, delivery_id=500 + n, alert_id=200 + n, host=f"rack4-{n:02}", value=60.0 + n)
        for n in range(12)
    ]
    over = [
        replace(_RESOLVED, delivery_id=520 + n, alert_id=100 + n, host=f"web-{n}", background=Background())
        for n in range(2)
    ]
    reason = "14 messages were due at once, and more than 10 go as one"
    return Digest.of([*silent, *over], reason)


EXAMPLES: Mapping[str, Notice | Digest] = {
    "opened": CPU,
    "worsened": later(EventKind.WORSENED, 6, reason=_BREACHED),
    "eased": later(
        EventKind.EASED,
        9,
        severity=Severity.WARNING,
        value=83.0,
        threshold=90.0,
        reason="CPU usage is 83 %, and has been more than 5 % under 90 % since 2026-11-21 03:21:05 UTC",
    ),
    "reminded": later(
        EventKind.REMINDED,
        15,
        reason="it still fires, and nobody has acknowledged it for 15 minutes since it was last told",
    ),
    "escalated": later(EventKind.ESCALATED, 10, reason="nobody has acknowledged it for 10 minutes: step 1"),
    "acknowledged": later(
        EventKind.ACKNOWLEDGED,
        3,
        acknowledged_by="anna",
        acknowledged_at=OPENED + 3 * MINUTE,
        reason="anna took it",
        background=replace(
            _BACKGROUND,
            told=_TOLD,
            coming=(
                Coming(
                    at=OPENED + timedelta(hours=8),
                    what="the acknowledgement of anna runs out; reminders and steps go on then",
                ),
            ),
            messages=2,
        ),
    ),
    "unacknowledged": later(
        EventKind.UNACKNOWLEDGED, 483, reason="anna took it 8 hours ago and it still fires"
    ),
    "resolved": _RESOLVED,
    "flapping": later(EventKind.FLAPPING, 22, reason="it has changed 5 times within 15 minutes, more than 4"),
    "settled": later(EventKind.SETTLED, 40, reason="it has not changed for 5 minutes"),
    "noted": later(EventKind.NOTED, 5, reason="The fallback destination pager could not be reached either."),
    "no-data": _SILENT,
    "drill": replace(
        CPU,
        is_drill=True,
        message="The bell is rung to try it.",
        background=Background(told=_BACKGROUND.told, messages=2),
        also_open=(),
        also_open_total=0,
        runbook_url=None,
    ),
    "gaps": replace(
        CPU,
        background=replace(
            _BACKGROUND,
            trend=Trend(since=OPENED - 60 * MINUTE, step=MINUTE, values=_HOUR),
            missing=("how often it happened before",),
        ),
    ),
    "digest": _many(),
}
