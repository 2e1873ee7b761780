"""How a machine looked at the moment something changed: the evidence that an alert keeps."""

from dataclasses import dataclass
from datetime import datetime

from domain.health import Score


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyProcess:
    """A process that was at the top at that moment. `cpu_percent` is of one core (200 is two cores busy).

    `started_at` is aware and on the clock of its host.
    """

    name: str
    pid: int
    cpu_percent: float | None
    memory_mb: float
    memory_percent: float | None = None
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One reading of the system at that moment, as `Fact(name="load", value=4.2)`; None was not readable."""

    name: str
    value: float | None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A machine at one moment: its health with the parts, its figures, its busiest processes."""

    health: Score | None = None
    facts: tuple[Fact, ...] = ()
    processes: tuple[BusyProcess, ...] = ()
