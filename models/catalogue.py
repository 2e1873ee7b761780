"""The metrics that are rolled up: what each is called, about and measured in."""

from dataclasses import dataclass

from models.aggregations import MetricType


@dataclass(frozen=True, slots=True)
class Definition:
    """One row of `metrics`; `id` is for ever, because roll-ups carry it instead of the name."""

    id: int
    name: str
    type: MetricType
    unit: str
    description: str


_SYSTEM, _DISK, _NETWORK = MetricType.SYSTEM, MetricType.DISK, MetricType.NETWORK
_PROCESS, _CUSTOM = MetricType.PROCESS, MetricType.CUSTOM

METRICS = (
    Definition(1, "cpu_percent", _SYSTEM, "percent", "CPU in use, of all cores"),
    Definition(2, "load_1m", _SYSTEM, "processes", "Load average over 1 minute"),
    Definition(3, "cpu_frequency_mhz", _SYSTEM, "MHz", "Mean frequency of the cores"),
    Definition(4, "memory_percent", _SYSTEM, "percent", "Memory in use, of the total"),
    Definition(5, "memory_used_gb", _SYSTEM, "GB", "Memory in use, total less available, GB of 2^30"),
    Definition(6, "swap_percent", _SYSTEM, "percent", "Swap space in use"),
    Definition(7, "uptime_s", _SYSTEM, "seconds", "Time since boot; its count is the number of samples"),
    Definition(
        8, "cgroup_memory_used_gb", _SYSTEM, "GB", "Memory in use in the collector's cgroup, GB of 2^30"
    ),
    Definition(20, "disk_percent", _DISK, "percent", "In use on all real partitions together"),
    Definition(21, "disk_used_gb", _DISK, "GB", "In use on all real partitions together, GB of 2^30"),
    Definition(22, "mount_percent", _DISK, "percent", "In use on one partition; subject is its mount point"),
    Definition(
        23,
        "mount_used_gb",
        _DISK,
        "GB",
        "In use on one partition, GB of 2^30; subject is its mount point",
    ),
    Definition(40, "network_bytes_in_per_s", _NETWORK, "bytes/s", "Received on all interfaces but loopback"),
    Definition(41, "network_bytes_out_per_s", _NETWORK, "bytes/s", "Sent on all interfaces but loopback"),
    Definition(42, "connections", _NETWORK, "sockets", "TCP sockets in use"),
    Definition(43, "redis_response_ms", _NETWORK, "ms", "Round trip from the host to Redis"),
    Definition(60, "tocsin_cpu_percent", _PROCESS, "percent", "CPU of Tocsin's own processes, of one core"),
    Definition(
        61, "tocsin_memory_mb", _PROCESS, "MB", "Resident memory of Tocsin's own processes, MB of 2^20"
    ),
    Definition(
        80, "health_score", _CUSTOM, "points", "Health of the machine by the client's formula, 0 to 100"
    ),
)

METRIC_IDS = {metric.name: metric.id for metric in METRICS}
