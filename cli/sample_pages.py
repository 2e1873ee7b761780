"""Samples for people: every figure with its unit, and what is missing with the reason."""

from collections.abc import Mapping, Sequence

from cli.output import say, table
from domain.sample import ProcessSample, SystemSample
from notifications.quantities import moment, number, quantity

# Every figure of a machine by name: what it is called, and its unit. A test holds this to the sample.
FIGURES = {
    "cpu_percent": ("CPU", "%"),
    "cpu_percent_5m": ("CPU over 5 minutes", "%"),
    "cpu_percent_15m": ("CPU over 15 minutes", "%"),
    "cpu_frequency_mhz": ("CPU frequency", "MHz"),
    "load_1m": ("load over 1 minute", ""),
    "load_5m": ("load over 5 minutes", ""),
    "load_15m": ("load over 15 minutes", ""),
    "memory_percent": ("memory", "%"),
    "memory_used_gb": ("memory used", "GB"),
    "memory_available_gb": ("memory available", "GB"),
    "swap_percent": ("swap", "%"),
    "swap_total_gb": ("swap, total", "GB"),
    "disk_percent": ("disks", "%"),
    "disk_total_gb": ("disks, total", "GB"),
    "disk_used_gb": ("disks used", "GB"),
    "disk_free_gb": ("disks free", "GB"),
    "network_bytes_in_per_s": ("network in", "B/s"),
    "network_bytes_out_per_s": ("network out", "B/s"),
    "network_bytes_in_total": ("bytes in since boot", "B"),
    "network_bytes_out_total": ("bytes out since boot", "B"),
    "network_packets_in_total": ("packets in since boot", ""),
    "network_packets_out_total": ("packets out since boot", ""),
    "network_errors_in_total": ("errors in since boot", ""),
    "network_errors_out_total": ("errors out since boot", ""),
    "network_drops_in_total": ("drops in since boot", ""),
    "network_drops_out_total": ("drops out since boot", ""),
    "connections": ("TCP sockets", ""),
    "cgroup_cpu_limit_cores": ("CPU limit of the cgroup", "cores"),
    "cgroup_memory_limit_gb": ("memory limit of the cgroup", "GB"),
    "cgroup_memory_used_gb": ("memory used in the cgroup", "GB"),
    "redis_response_ms": ("response of Redis", "ms"),
    "uptime_s": ("up for", "s"),
    "window_s": ("percentages and rates cover", "s"),
}


def show(sample: SystemSample | ProcessSample) -> None:
    """Print a sample."""
    if isinstance(sample, SystemSample):
        _machine(sample)
    else:
        _processes(sample)


def _machine(sample: SystemSample) -> None:
    about = sample.platform
    say(
        f"{sample.host} at {moment(sample.collected_at)}: {about.system} {about.release}"
        f" {about.architecture}, {about.cpu_count} CPUs, {number(about.memory_total_gb)} GB of memory\n"
    )
    known = [field for field in FIGURES if getattr(sample, field) is not None or field in sample.missing]
    table(("FIGURE", "VALUE"), [(FIGURES[field][0], _value(sample, field)) for field in known])
    say("")
    table(
        ("MOUNT", "DEVICE", "TYPE", "TOTAL GB", "USED GB", "FREE GB", "USED %"),
        [(d.mount, d.device, d.filesystem, *_sizes(d)) for d in sample.disks],
        numbers=("TOTAL GB", "USED GB", "FREE GB", "USED %"),
    )
    _missing({name: why for name, why in sample.missing.items() if name not in FIGURES})


def _value(sample: SystemSample, field: str) -> str:
    value = getattr(sample, field)
    return f"not known: {sample.missing[field]}" if value is None else quantity(value, FIGURES[field][1])


def _sizes(disk: object) -> Sequence[str]:
    return [number(getattr(disk, field)) for field in ("total_gb", "used_gb", "free_gb", "percent")]


def _processes(sample: ProcessSample) -> None:
    kept = f"{len(sample.processes)} of {sample.running} processes"
    say(f"{sample.host} at {moment(sample.collected_at)}: {kept}, Tocsin's own marked with *\n")
    table(
        ("PID", "", "NAME", "STATE", "CPU % OF A CORE", "MEMORY MB", "MEMORY %", "THREADS", "FILES"),
        [
            (
                p.pid,
                "*" if p.own else "",
                p.name,
                p.status,
                None if p.cpu_percent is None else number(p.cpu_percent),
                number(p.memory_mb),
                number(p.memory_percent),
                p.threads,
                p.file_descriptors,
            )
            for p in sample.processes
        ],
        numbers=("PID", "CPU % OF A CORE", "MEMORY MB", "MEMORY %", "THREADS", "FILES"),
    )
    _missing(sample.missing)


def _missing(missing: Mapping[str, str]) -> None:
    if missing:
        say("")
        table(("MISSING", "WHY"), list(missing.items()))
