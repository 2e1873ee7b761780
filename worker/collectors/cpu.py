"""How long the CPUs were busy, how fast they run, and how many processes wait for them."""

import os
import re
from statistics import fmean
from typing import NamedTuple

import psutil

from domain.rates import CpuTimes, cpu_times
from worker.collectors.files import BEGINNING
from worker.collectors.gaps import UnknownError
from worker.collectors.machine import Machine

STAT = "proc/stat"

# In the order of /proc/stat, proc(5).
KINDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")

# Without ^, which would make the search stop at every line of every CPU, this takes a tenth of the time.
_MEGAHERTZ = re.compile(rb"cpu MHz\s*:\s*([\d.]+)")


class Load(NamedTuple):
    """Load averages: processes that run or wait to, over 1, 5 and 15 minutes."""

    load_1m: float | None = None
    load_5m: float | None = None
    load_15m: float | None = None


def read_times(machine: Machine) -> CpuTimes:
    """Ticks (hundredths of a second) since boot that all CPUs together were busy and idle."""
    if not machine.has_proc:
        return _times_by_psutil(machine.clock())
    # The first line is that of all CPUs; the rest, of each CPU and interrupt, fills pages on large machines.
    content = machine.files.read(STAT, BEGINNING)
    return cpu_times(machine.clock(), map(int, content.split(None, 9)[1:9]))


def _times_by_psutil(at_s: float) -> CpuTimes:
    found = psutil.cpu_times()._asdict()
    return cpu_times(at_s, (round(found.get(kind, 0.0) * TICKS_PER_SECOND) for kind in KINDS))


def read_load(machine: Machine) -> Load:
    if not machine.has_proc:
        return Load(*os.getloadavg())
    one, five, fifteen, _ = machine.files.read("proc/loadavg", BEGINNING).split(None, 3)
    return Load(float(one), float(five), float(fifteen))


def read_frequency(machine: Machine) -> float:
    """The mean current frequency of all CPUs in MHz; UnknownError where the machine names none.

    To say how fast each of 64 CPUs runs takes the kernel a millisecond, as long as twenty readings.
    Linux before 5.18 waits 10 ms for each CPU that cpufreq is asked about, but once for all of them when
    /proc/cpuinfo is opened. So that goes first, and is opened anew; ARM and others have cpufreq alone.
    """
    if machine.has_proc:
        content = machine.files.read_anew("proc/cpuinfo")
        found = [float(mhz) for mhz in _MEGAHERTZ.findall(content)] or _frequencies_by_policy(machine)
    else:
        found = [cpu.current for cpu in psutil.cpu_freq(percpu=True) or []]
    if not found:
        raise UnknownError("this machine does not say how fast its CPUs run")
    return fmean(found)


def _frequencies_by_policy(machine: Machine) -> list[float]:
    policies = (machine.files.root / "sys/devices/system/cpu/cpufreq").glob("policy*/scaling_cur_freq")
    return [int(policy.read_bytes()) / 1000 for policy in policies]
