"""Measuring on a noisy machine: two ways of doing a thing in turns, and the median of the turns' ratios."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROUNDS, WARM_UPS = 9, 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call took: seconds of wall clock, and of CPU in this process and those that serve it."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A subject against its floor: medians in seconds, and the median, lowest and highest of the ratios."""

    name: str
    subject: Cost
    floor: Cost
    wall_ratio: float
    wall_range: tuple[float, float]
    cpu_ratio: float

    def __str__(self) -> str:
        low, high = self.wall_range
        return (
            f"{self.name:<58} {self.subject.wall * 1e3:9.2f} ms {self.floor.wall * 1e3:9.2f} ms"
            f"   wall {self.wall_ratio:7.2f} ({low:.2f} to {high:.2f})   cpu {self.cpu_ratio:7.2f}"
        )


def compare(
    name: str,
    subject: Callable[[], object],
    floor: Callable[[], object],
    *,
    servers: Callable[[], list[int]],
    rounds: int = ROUNDS,
    calls: tuple[int, int] = (1, 1),
) -> Comparison:
    """Run subject and floor in turns, each so many calls a turn, and compare what one call takes.

    `servers` answers with the process ids whose CPU counts too.
    """
    turns = [
        (cost(subject, calls[0], servers), cost(floor, calls[1], servers)) for _ in range(WARM_UPS + rounds)
    ][WARM_UPS:]
    walls = [one.wall / other.wall for one, other in turns]
    cpus = [one.cpu / other.cpu for one, other in turns if other.cpu]
    return Comparison(
        name,
        Cost(median(one.wall for one, _ in turns), median(one.cpu for one, _ in turns)),
        Cost(median(other.wall for _, other in turns), median(other.cpu for _, other in turns)),
        median(walls),
        (min(walls), max(walls)),
        median(cpus) if cpus else float("nan"),
    )


def cost(work: Callable[[], object], calls: int, servers: Callable[[], list[int]]) -> Cost:
    """What one of so many calls takes, the CPU of the processes that serve it included."""
    pids = servers()
    cpu, wall = _cpu(pids), time.perf_counter()
    for _ in range(calls):
        work()
    return Cost((time.perf_counter() - wall) / calls, (_cpu(pids) - cpu) / calls)


def _cpu(pids: list[int]) -> float:
    return time.process_time() + sum(_run_time(pid) for pid in pids)


def _run_time(pid: int) -> float:
    """Seconds on a CPU, to the nanosecond; 0 where the kernel does not tell or the process has gone."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e9
    except (OSError, IndexError):
        return 0.0
