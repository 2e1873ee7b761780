"""What a machine is: the facts that change with a reboot or an upgrade."""

import os
import platform
import time
from contextlib import suppress
from datetime import UTC, datetime

import psutil

from domain.rates import Moment
from domain.sample import Platform
from worker.collectors.cpu import STAT
from worker.collectors.machine import Machine
from worker.collectors.memory import GIB, physical_bytes


def read_platform(machine: Machine) -> Platform:
    """Facts that are always known: where a file cannot be read, sysconf(3) and the clocks answer."""
    return Platform(
        system=platform.system(),
        release=platform.release(),
        architecture=platform.machine(),
        python_version=platform.python_version(),
        boot_time=read_boot_time(machine),
        cpu_count=os.cpu_count() or 1,
        memory_total_gb=physical_bytes() / GIB,
    )


def read_boot_time(machine: Machine) -> datetime:
    """When the machine started, by its wall clock; to the second where the kernel says so itself."""
    if not machine.has_proc:
        return datetime.fromtimestamp(psutil.boot_time(), UTC)
    with suppress(OSError):
        for line in machine.files.read(STAT).splitlines():
            if line.startswith(b"btime "):
                return datetime.fromtimestamp(int(line[6:]), UTC)
    return datetime.fromtimestamp(time.time() - machine.clock(), UTC)


def read_boot_id(machine: Machine) -> str:
    """What tells this boot from every other one."""
    if machine.has_proc:
        with suppress(OSError):
            return machine.files.read("proc/sys/kernel/random/boot_id").decode("ascii").strip()
    return f"since {read_boot_time(machine):%Y-%m-%dT%H:%M:%S}"


def read_uptime(machine: Machine) -> float:
    """Seconds since boot."""
    return machine.clock() if machine.has_proc else time.time() - psutil.boot_time()


def read_moment(machine: Machine) -> Moment:
    """The moment of a reading, on a clock that no change of the wall clock moves."""
    return Moment(machine.seldom(read_boot_id), machine.clock())
