"""What else the machine did while it measured."""

import os
import resource
from dataclasses import dataclass
from pathlib import Path

import psutil

# Above either, a figure in seconds says more about the machine than about what was measured.
LOUD_CORES, LOUD_STEAL = 0.5, 0.01
BUSY = (0, 1, 2, 5, 6)  # user, nice, system, irq, softirq in /proc/stat
STEAL = 7


@dataclass(frozen=True, slots=True)
class Noise:
    """Over a measurement, in cores: what we and what we started used, and what others did.

    `steal` is the share of all CPU time that the hypervisor gave to somebody else, from 0 to 1.
    """

    ours: float
    others: float
    steal: float

    @property
    def is_loud(self) -> bool:
        return self.others > LOUD_CORES or self.steal > LOUD_STEAL

    def __str__(self) -> str:
        return f"ours {self.ours:.2f} cores, others {self.others:.2f} cores, steal {self.steal:.1%}"


SILENCE = Noise(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """The counters at one moment, in seconds of CPU; none of them where there is no /proc."""

    busy: float
    steal: float
    total: float
    ours: float

    @classmethod
    def now(cls) -> "Reading":
        try:
            line = Path("/proc/stat").read_text("ascii").splitlines()[0]
        except OSError:
            return cls(0.0, 0.0, 0.0, 0.0)
        ticks = [int(word) / os.sysconf("SC_CLK_TCK") for word in line.split()[1:9]]
        return cls(sum(ticks[kind] for kind in BUSY), ticks[STEAL], sum(ticks), _ours())

    def until(self, later: "Reading") -> Noise:
        """What happened between two readings."""
        total = later.total - self.total
        if total <= 0:
            return SILENCE
        cores = (os.cpu_count() or 1) / total
        ours = later.ours - self.ours
        others = max(0.0, later.busy - self.busy - ours)
        return Noise(ours * cores, others * cores, (later.steal - self.steal) / total)


def _ours() -> float:
    """CPU seconds of this process and of all that it started, whether they live or are buried."""
    spent = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    for child in psutil.Process().children(recursive=True):
        try:
            spent += sum(child.cpu_times()[:4])
        except psutil.Error:  # it has ended, and is counted with the buried
            continue
    return spent
