"""Samples as rows: which column takes what, in which slot."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from typing import Any

from domain.cadence import PROCESS_INTERVAL, SAMPLE_INTERVAL, slot
from domain.sample import ProcessSample, SystemSample
from models import SystemMetrics
from worker.arrival import Arrived

Row = dict[str, Any]

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


def system_rows(arrived: Iterable[Arrived], hosts: Mapping[str, int]) -> list[Row]:
    return [_system(one, hosts) for one in arrived if isinstance(one.sample, SystemSample)]


def disk_rows(arrived: Iterable[Arrived], hosts: Mapping[str, int]) -> list[Row]:
    """The partitions, from the one sample in six whose slot begins one of the slower rhythm."""
    return [
        {"ts": slot(one.at, PROCESS_INTERVAL), "host_id": hosts[one.sample.host], **asdict(disk)}
        for one in arrived
        if isinstance(one.sample, SystemSample) and _begins_slow_slot(one)
        for disk in one.sample.disks
    ]


def process_rows(arrived: Iterable[Arrived], hosts: Mapping[str, int]) -> list[Row]:
    return [
        {"ts": slot(one.at, PROCESS_INTERVAL), "host_id": hosts[one.sample.host], **asdict(process)}
        for one in arrived
        if isinstance(one.sample, ProcessSample)
        for process in one.sample.processes
    ]


def _system(one: Arrived, hosts: Mapping[str, int]) -> Row:
    row = {name: getattr(one.sample, name) for name in SYSTEM}
    row |= {name: row[name] % WRAP for name in WRAPPED if row[name] is not None}
    if not _begins_slow_slot(one):
        row |= dict.fromkeys(SELDOM)
    return row | {"ts": slot(one.at, SAMPLE_INTERVAL), "host_id": hosts[one.sample.host]}


def _begins_slow_slot(one: Arrived) -> bool:
    return slot(one.at, SAMPLE_INTERVAL) == slot(one.at, PROCESS_INTERVAL)
