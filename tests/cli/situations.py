"""Situations for tests: all well, and what may be wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from beat_schedule import ENTRIES
from cli.view.situation import Check, LastRun, OpenAlert, Reading, Situation, Told

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
PARTS = {"value": 83.0, "cpu": 3.0, "memory": 9.0, "disk": 5.0, "warnings": 0.0, "criticals": 0.0}


def reading(host: str = "web-1", *, seconds: float | None = 2, **figures: Any) -> Reading:
    age = None if seconds is None else timedelta(seconds=seconds)
    return replace(
        Reading(
            host,
            age,
            cpu_percent=12.3,
            cpu_percent_5m=20.0,
            cpu_count=4,
            load_1m=0.5,
            memory_percent=40.0,
            memory_total_gb=16.0,
            disk_percent=25.0,
            network_bytes_in_per_s=1234.0,
            network_bytes_out_per_s=99.0,
            uptime_s=7200.0,
        ),
        **figures,
    )


def check(host: str = "web-1", component: str = "machine", **more: Any) -> Check:
    machine = component == "machine"
    return replace(
        Check(
            host,
            component,
            NOW,
            "healthy",
            "degraded" if machine else None,
            83.0 if machine else None,
            None if machine else 1.25,
            (),
            (),
            PARTS if machine else {},
        ),
        **more,
    )


def alert(number: int = 7, **more: Any) -> OpenAlert:
    return replace(
        OpenAlert(
            id=number,
            host="web-1",
            component="cpu",
            severity="critical",
            message="CPU is at 97 %",
            opened_at=NOW - timedelta(minutes=3),
            acknowledged_by=None,
            is_drill=False,
        ),
        **more,
    )


def told(number: int = 1, **more: Any) -> Told:
    return replace(
        Told(number, NOW, 7, "slack", "", "delivered", "opened", "critical", "CRITICAL web-1 cpu 97 %", ""),
        **more,
    )


def runs(**ago: float) -> tuple[LastRun, ...]:
    """Every task has just run, or so many seconds ago, by its name with _ for the dot."""
    return tuple(
        LastRun(e.task, NOW - timedelta(seconds=ago.get(e.task.replace(".", "_"), 1)), "done", {})
        for e in ENTRIES
    )


def situation(**more: Any) -> Situation:
    """All is well on one host."""
    well = Situation(
        NOW,
        readings=(reading(),),
        checks=(check(), check("tocsin", "database"), check("tocsin", "redis")),
        runs=runs(),
    )
    return replace(well, **more)


def frequent_runs() -> tuple[LastRun, ...]:
    """Every task has just run but the chores, which have not run yet."""
    chores = {entry.task for entry in ENTRIES if entry.chore}
    return tuple(run for run in runs() if run.task not in chores)
