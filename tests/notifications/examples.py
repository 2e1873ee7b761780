"""The alert that the tests of this folder tell of."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.alerts import EventKind
from domain.health import score
from domain.severity import Severity
from notifications.channels.base import Message
from notifications.notice import BusyProcess, Fact, Notice, OpenAlert
from notifications.rendering import Renderer

BREACH = datetime(2026, 11, 21, 3, 12, 5, tzinfo=UTC)
OPENED = BREACH + timedelta(seconds=60)
RENDERER = Renderer()

BARE = Notice(
    delivery_id=456,
    alert_id=123,
    incident_id=120,
    kind=EventKind.OPENED,
    severity=Severity.CRITICAL,
    host="web-1",
    component="cpu",
    rule="cpu_high",
    metric="cpu_percent",
    unit="%",
    value=97.2,
    threshold=90.0,
    message="CPU of web-1 has been at or above 90 % for a minute.",
    reason="cpu_percent 97.2 % has been at or above 90 % since 2026-11-21 03:12:05 UTC",
    at=OPENED,
    opened_at=OPENED,
    breach_since=BREACH,
)

FULL = replace(
    BARE,
    peak=98.1,
    health=score(cpu_percent=97.2, memory_percent=61, disk_percent=45, warnings=1, criticals=1),
    facts=(
        Fact(name="cpu", value=97.2, unit="%"),
        Fact(name="memory", value=61.0, unit="%"),
        Fact(name="load, 1 min", value=8.13),
        Fact(name="swap", value=None, unit="%"),
    ),
    processes=(
        BusyProcess(name="postgres", pid=812, cpu_percent=180, memory_mb=1240, memory_percent=12.1),
        BusyProcess(name="python3", pid=22011, cpu_percent=44.2, memory_mb=310.4),
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
    acknowledge="tocsin alerts ack 123",
    runbook_url="https://wiki.example.com/cpu?x=1&y=2",
)


def notice(kind: EventKind = EventKind.OPENED, **changes: Any) -> Notice:
    """The full example, with the event of `kind` coming 14 minutes into it."""
    if kind is not EventKind.OPENED:
        changes = {"at": BREACH + timedelta(minutes=14)} | changes
    return replace(FULL, kind=kind, **changes)


def message(recipient: str = "", thread: str | None = None, **changes: Any) -> Message:
    """The rendered example."""
    example = notice(**changes)
    return Message.of(example, RENDERER.render(example), recipient=recipient, thread=thread)
