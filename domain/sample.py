"""What a host says of itself: the samples that travel from collectors to the recorder."""

from dataclasses import dataclass, field
from datetime import datetime

from domain.values import value


@value
class Disk:
    """One real partition. GB are 2**30 bytes; percent is used / (used + available to users), as df has it."""

    mount: str
    device: str
    filesystem: str
    total_gb: float
    used_gb: float
    free_gb: float
    percent: float


@dataclass(frozen=True, slots=True)
class Platform:
    """Facts that change with a reboot or an upgrade."""

    system: str
    release: str
    architecture: str
    python_version: str
    boot_time: datetime
    cpu_count: int
    memory_total_gb: float


@value
class SystemSample:
    """One reading of a whole machine.

    A field is None when it could not be read or, for a rate, when there was no earlier reading; `missing`
    names each such field and says why. Percentages run from 0 to 100 over all cores, rates are per second,
    GB are 2**30 bytes, and `window_s` is the length in seconds of the interval that percentages of CPU and
    rates cover. `*_total` counters are the kernel's own, since boot, over all interfaces but loopback.
    A limit of the cgroup is also None where there is none. Limits, frequency and the platform's facts may be
    five minutes old.
    """

    host: str
    collected_at: datetime
    platform: Platform
    uptime_s: float
    window_s: float | None = None
    cpu_percent: float | None = None
    cpu_percent_5m: float | None = None
    cpu_percent_15m: float | None = None
    cpu_frequency_mhz: float | None = None
    load_1m: float | None = None
    load_5m: float | None = None
    load_15m: float | None = None
    memory_used_gb: float | None = None
    memory_available_gb: float | None = None
    memory_percent: float | None = None
    swap_total_gb: float | None = None
    swap_percent: float | None = None
    disk_total_gb: float | None = None
    disk_used_gb: float | None = None
    disk_free_gb: float | None = None
    disk_percent: float | None = None
    network_bytes_in_total: int | None = None
    network_bytes_out_total: int | None = None
    network_packets_in_total: int | None = None
    network_packets_out_total: int | None = None
    network_errors_in_total: int | None = None
    network_errors_out_total: int | None = None
    network_drops_in_total: int | None = None
    network_drops_out_total: int | None = None
    network_bytes_in_per_s: float | None = None
    network_bytes_out_per_s: float | None = None
    connections: int | None = None
    cgroup_cpu_limit_cores: float | None = None
    cgroup_memory_limit_gb: float | None = None
    cgroup_memory_used_gb: float | None = None
    redis_response_ms: float | None = None
    disks: tuple[Disk, ...] = ()
    missing: dict[str, str] = field(default_factory=dict)


@value
class Process:
    """One process. `cpu_percent` is of one core (200 is two cores busy), None at first sight;
    `memory_mb` is the resident set in 2**20 bytes; `own` marks the processes of Tocsin itself.
    """

    pid: int
    name: str
    status: str
    cpu_percent: float | None
    memory_mb: float
    memory_percent: float
    threads: int
    file_descriptors: int | None
    created_at: datetime
    own: bool = False


@dataclass(frozen=True, slots=True)
class ProcessSample:
    """The processes worth keeping: the top ones by CPU, the top ones by memory, and Tocsin's own.

    `running` counts all processes of the host; `missing` says what could not be read, and why.
    """

    host: str
    collected_at: datetime
    running: int
    window_s: float | None
    processes: tuple[Process, ...]
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DrillSample:
    """A breach that somebody makes on purpose, to hear the bell ring; `name` keeps drills apart.

    `value` is percent of nothing: it only has to cross the drill's thresholds, up and then down again.
    """

    host: str
    collected_at: datetime
    name: str
    value: float


@dataclass(frozen=True, slots=True)
class CustomSample:
    """A value that people or their programs write; see `domain.custom` for what name and labels may be."""

    host: str
    collected_at: datetime
    name: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


Sample = SystemSample | ProcessSample | DrillSample | CustomSample
