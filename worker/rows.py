"""Samples as rows: which column takes what, in which slot."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from domain.cadence import PROCESS_INTERVAL, SAMPLE_INTERVAL, slot
from domain.sample import Disk, Process, ProcessSample, SystemSample
from models import Base, DiskMetrics, ProcessMetrics, SystemMetrics
from worker.arrival import Arrived

# Errors and drops are counted in 4 bytes and begin again after this many, as their comments say.
WRAP = 2**31
WRAPPED = (
    "network_errors_in_total",
    "network_errors_out_total",
    "network_drops_in_total",
    "network_drops_out_total",
)

# What hardly changes, or can be read at any time without loss, is stored in one row of six: in every row it
# would be a quarter of the table.
SELDOM = (
    *("network_bytes_in_total", "network_bytes_out_total"),
    *("network_packets_in_total", "network_packets_out_total"),
    *WRAPPED,
    *("swap_total_gb", "disk_total_gb", "cgroup_cpu_limit_cores", "cgroup_memory_limit_gb"),
)

SYSTEM = tuple(f.name for f in fields(SystemSample) if f.name in SystemMetrics.__table__.columns)
DISK = tuple(f.name for f in fields(Disk))
PROCESS = tuple(f.name for f in fields(Process))

_of_system = attrgetter(*SYSTEM)
_of_disk = attrgetter(*DISK)
_of_process = attrgetter(*PROCESS)

_WRAPPED = [SYSTEM.index(name) for name in WRAPPED]
_SELDOM = [SYSTEM.index(name) for name in SELDOM]

KEY = ("ts", "host_id")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for a table: values in the order of `columns`, the first of which is the time."""

    table: type[Base]
    columns: tuple[str, ...]
    values: Sequence[tuple[Any, ...]]


def system_rows(arrived: Iterable[Arrived], hosts: Mapping[str, int]) -> Rows:
    """A row for each reading of a machine."""
    values = [_system(one, hosts) for one in arrived if isinstance(one.sample, SystemSample)]
    return Rows(SystemMetrics, KEY + SYSTEM, values)


def disk_rows(arrived: Iterable[Arrived], hosts: Mapping[str, int]) -> Rows:
    """The partitions, from the one sample in six whose slot begins one of the slower rhythm."""
    values = [
        (*key, *_of_disk(disk))
        for one in arrived
        if isinstance(one.sample, SystemSample) and one.sample.disks and _begins_slow_slot(one)
        for key in [_key(one, hosts, PROCESS_INTERVAL)]
        for disk in one.sample.disks
    ]
    return Rows(DiskMetrics, KEY + DISK, values)


def process_rows(arrived: Iterable[Arrived], hosts: Mapping[str, int]) -> Rows:
    """A row for each process that was worth keeping."""
    values = [
        (*key, *_of_process(process))
        for one in arrived
        if isinstance(one.sample, ProcessSample)
        for key in [_key(one, hosts, PROCESS_INTERVAL)]
        for process in one.sample.processes
    ]
    return Rows(ProcessMetrics, KEY + PROCESS, values)


def _system(one: Arrived, hosts: Mapping[str, int]) -> tuple[Any, ...]:
    row = [*_of_system(one.sample)]
    if _begins_slow_slot(one):
        for place in _WRAPPED:
            row[place] = None if row[place] is None else row[place] % WRAP
    else:
        for place in _SELDOM:
            row[place] = None
    return (*_key(one, hosts, SAMPLE_INTERVAL), *row)


def _key(one: Arrived, hosts: Mapping[str, int], interval: timedelta) -> tuple[datetime, int]:
    return slot(one.at, interval), hosts[one.sample.host]


def _begins_slow_slot(one: Arrived) -> bool:
    return slot(one.at, SAMPLE_INTERVAL) == slot(one.at, PROCESS_INTERVAL)
