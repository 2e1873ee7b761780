"""The health of a machine: the client's score, level and status, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class HealthStatus(StrEnum):
    """What the thresholds say; the database enum `healthstatus`."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Level:
    """What the score says: a name and the colour that goes with it, from `floor` points upward."""

    name: str
    colour: str
    floor: float


LEVELS = (
    Level("healthy", "green", 90),
    Level("degraded", "yellow", 70),
    Level("warning", "orange", 50),
    Level("critical", "red", 0),
)

CPU_WEIGHT, MEMORY_WEIGHT, DISK_WEIGHT = 30, 30, 20
WARNING_COST, CRITICAL_COST = 5, 15


@dataclass(frozen=True, slots=True)
class Score:
    """A score from 0 to 100 with the points that each part took off it."""

    value: float
    cpu: float
    memory: float
    disk: float
    warnings: float
    criticals: float

    @property
    def level(self) -> Level:
        return next(level for level in LEVELS if self.value >= level.floor)


def score(
    *, cpu_percent: float, memory_percent: float, disk_percent: float, warnings: int, criticals: int
) -> Score:
    """Weigh a machine by the client's formula (requirements, "Health"); percentages from 0 to 100.

    100 less 30 points for a full CPU, 30 for full memory, 20 for full disks, 5 for each warning and 15 for
    each critical, never below 0.
    """
    cpu = cpu_percent / 100 * CPU_WEIGHT
    memory = memory_percent / 100 * MEMORY_WEIGHT
    disk = disk_percent / 100 * DISK_WEIGHT
    warned, critical = warnings * WARNING_COST, criticals * CRITICAL_COST
    value = max(0.0, 100 - cpu - memory - disk - warned - critical)
    return Score(value, cpu, memory, disk, warned, critical)


def status(*, warnings: Sequence[str], criticals: Sequence[str], fresh: bool) -> HealthStatus:
    """What the thresholds say of a machine; without fresh data nobody knows."""
    if not fresh:
        return HealthStatus.UNKNOWN
    if criticals:
        return HealthStatus.UNHEALTHY
    return HealthStatus.DEGRADED if warnings else HealthStatus.HEALTHY
