"""What is the case at one moment, for people to see: hosts, health, alerts, tasks and messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.sample import SystemSample
from watchdog.vitals import Vitals


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest figures of a host; percentages, bytes per second, None where there is none.

    `age` is how long ago they were taken, None when no sample has come yet.
    """

    host: str
    age: timedelta | None
    cpu_percent: float | None = None
    cpu_percent_5m: float | None = None
    cpu_count: int | None = None
    load_1m: float | None = None
    memory_percent: float | None = None
    memory_total_gb: float | None = None
    disk_percent: float | None = None
    network_bytes_in_per_s: float | None = None
    network_bytes_out_per_s: float | None = None
    uptime_s: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """The newest health check of one component of one host; `parts` is what took points off the score."""

    host: str
    component: str
    at: datetime
    status: str
    level: str | None
    score: float | None
    response_ms: float | None
    warnings: tuple[str, ...]
    criticals: tuple[str, ...]
    parts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is not over."""

    id: int
    host: str
    component: str
    severity: str
    message: str
    opened_at: datetime
    acknowledged_by: str | None
    is_drill: bool


@dataclass(frozen=True, slots=True)
class LastRun:
    """When a task last did its work, and what came of it; chores also say how."""

    task: str
    at: datetime
    outcome: str
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A message that came to its end."""

    id: int
    at: datetime
    alert_id: int
    destination: str
    recipient: str
    state: str
    kind: str
    severity: str
    summary: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Outbox:
    """Messages of the last day that were given up, and those that are being tried again."""

    dead: int = 0
    retried: int = 0


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything at one moment, on the database's clock."""

    at: datetime
    readings: tuple[Reading, ...] = ()
    checks: tuple[Check, ...] = ()
    alerts: tuple[OpenAlert, ...] = ()
    runs: tuple[LastRun, ...] = ()
    told: tuple[Told, ...] = ()
    outbox: Outbox = field(default_factory=Outbox)
    vitals: Vitals | None = None
    waiting: int = 0
    rejected: int = 0

    def check_of(self, host: str) -> Check | None:
        return next((c for c in self.checks if c.host == host and c.component == "machine"), None)

    def run_of(self, task: str) -> LastRun | None:
        """When a task ran last; a collector that reaches Postgres records without a task of its own."""
        names = (task, "recorder") if task == "record.samples" else (task,)
        return max((run for run in self.runs if run.task in names), key=lambda run: run.at, default=None)


def reading_of(sample: SystemSample, age: timedelta) -> Reading:
    """The figures of a sample that has not reached the database."""
    return Reading(
        host=sample.host,
        age=age,
        cpu_percent=sample.cpu_percent,
        cpu_percent_5m=sample.cpu_percent_5m,
        cpu_count=sample.platform.cpu_count,
        load_1m=sample.load_1m,
        memory_percent=sample.memory_percent,
        memory_total_gb=sample.platform.memory_total_gb,
        disk_percent=sample.disk_percent,
        network_bytes_in_per_s=sample.network_bytes_in_per_s,
        network_bytes_out_per_s=sample.network_bytes_out_per_s,
        uptime_s=sample.uptime_s,
    )
