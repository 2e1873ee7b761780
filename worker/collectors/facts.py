"""What changes seldom or is dear to read: one look a minute, and what is known of it in between."""

from collections.abc import Mapping
from typing import NamedTuple

from domain.sample import Platform
from worker.collectors.cgroup import Limits, read_limits
from worker.collectors.cpu import FREQUENCY_S, read_frequency
from worker.collectors.gaps import attempt
from worker.collectors.machine import HARDLY_EVER_S, SELDOM_S, Machine
from worker.collectors.platform import read_boot_id, read_platform

# What may be older than a minute becomes as old as it may before the next look, which is a minute away.
LOOK_S = SELDOM_S

LIMITS = ("cgroup_cpu_limit_cores", "cgroup_memory_limit_gb", "cgroup_memory_used_gb")


class Facts(NamedTuple):
    """What is known since ten minutes at most (frequency five, limits one), and why the rest is not."""

    boot_id: str
    platform: Platform
    frequency_mhz: float | None
    limits: Limits
    missing: Mapping[str, str]


def known_facts(machine: Machine) -> Facts:
    """The facts, no older than they may be, for the price of one look at the clock."""
    return machine.seldom(_read_facts, LOOK_S)


def _read_facts(machine: Machine) -> Facts:
    missing: dict[str, str] = {}
    return Facts(
        machine.seldom(read_boot_id, HARDLY_EVER_S - LOOK_S),
        machine.seldom(read_platform, HARDLY_EVER_S - LOOK_S),
        attempt(missing, ("cpu_frequency_mhz",), _frequency, machine),
        attempt(missing, LIMITS, read_limits, machine) or Limits(),
        missing,
    )


def _frequency(machine: Machine) -> float:
    return machine.seldom(read_frequency, FREQUENCY_S - LOOK_S)
