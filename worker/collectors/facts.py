"""What hardly ever changes, or is dear to read: known from one look in five minutes."""

from collections.abc import Mapping
from typing import NamedTuple

from domain.sample import Platform
from worker.collectors.cgroup import Limits, read_limits
from worker.collectors.cpu import read_frequency
from worker.collectors.gaps import attempt
from worker.collectors.machine import Machine
from worker.collectors.platform import read_boot_id, read_platform

LIMITS = ("cgroup_cpu_limit_cores", "cgroup_memory_limit_gb", "cgroup_memory_used_gb")


class Facts(NamedTuple):
    """What the machine is and may use, None where it is not known; then `missing` says why."""

    boot_id: str
    platform: Platform
    frequency_mhz: float | None
    limits: Limits
    missing: Mapping[str, str]


def read_facts(machine: Machine) -> Facts:
    missing: dict[str, str] = {}
    return Facts(
        read_boot_id(machine),
        read_platform(machine),
        attempt(missing, ("cpu_frequency_mhz",), read_frequency, machine),
        attempt(missing, LIMITS, read_limits, machine) or Limits(),
        missing,
    )
