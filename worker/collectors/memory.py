"""How much memory and swap there is, and how much of it is in use."""

import os
from typing import NamedTuple

import psutil

from worker.collectors.gaps import UnknownError
from worker.collectors.machine import Machine

GIB = 2**30
KIB_PER_GIB = 2**20


class Memory(NamedTuple):
    """Memory and swap space in GB of 2**30 bytes.

    In use is what is not available, as free(1) and the kernel count it; where there is no swap space, 0
    percent of it is in use.
    """

    memory_used_gb: float | None = None
    memory_available_gb: float | None = None
    memory_percent: float | None = None
    swap_total_gb: float | None = None
    swap_percent: float | None = None


def physical_bytes() -> int:
    """Physical memory in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def read_memory(machine: Machine) -> Memory:
    """Memory and swap from one look; UnknownError where the kernel is too old to say what is available."""
    if not machine.has_proc:
        return _by_psutil()
    content = machine.files.read("proc/meminfo")
    # The first three lines stand together, and so do the two of swap space.
    memory = content.split(None, 8)
    if memory[6:7] != [b"MemAvailable:"]:
        raise UnknownError("/proc/meminfo has no MemAvailable")
    swap = content.partition(b"SwapTotal:")[2].split(None, 4)
    return _memory(int(memory[1]), int(memory[7]), int(swap[0]), int(swap[3]), KIB_PER_GIB)


def _by_psutil() -> Memory:
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return _memory(memory.total, memory.available, swap.total, swap.free, GIB)


def _memory(total: int, available: int, swap: int, free: int, per_gb: int) -> Memory:
    used = total - available
    return Memory(
        used / per_gb,
        available / per_gb,
        100 * used / total,
        swap / per_gb,
        100 * (swap - free) / swap if swap else 0.0,
    )
