"""Samples for tests: a healthy machine, with what a test wants different."""

from datetime import UTC, datetime
from typing import Any

from domain.sample import Disk, Platform, Process, ProcessSample, SystemSample

BOOT = datetime(2026, 1, 1, tzinfo=UTC)
PLATFORM = Platform("Linux", "6.1", "x86_64", "3.11.2", BOOT, 4, 16.0)

CALM: dict[str, Any] = {
    "window_s": 5.0,
    "cpu_percent": 10.0,
    "load_1m": 0.5,
    "memory_percent": 20.0,
    "memory_used_gb": 3.2,
    "memory_available_gb": 12.8,
    "swap_percent": 0.0,
    "disk_percent": 30.0,
    "network_bytes_in_total": 1_000,
    "network_errors_in_total": 2**31 + 5,
    "connections": 12,
}


def system(host: str = "web-1", *, disks: dict[str, float] | None = None, **figures: Any) -> SystemSample:
    """A reading of a calm machine; `disks` gives the usage in percent by mount."""
    return SystemSample(
        host=host,
        collected_at=datetime.now(UTC),
        platform=PLATFORM,
        uptime_s=1_000.0,
        disks=tuple(disk(mount, percent) for mount, percent in (disks or {"/": 30.0}).items()),
        **CALM | figures,
    )


def disk(mount: str, percent: float) -> Disk:
    return Disk(mount, "/dev/sda1", "ext4", 100.0, percent, 100.0 - percent, percent)


def processes(host: str = "web-1", *, busy: str = "postgres", cpu_percent: float = 95.0) -> ProcessSample:
    top = Process(42, busy, "running", cpu_percent, 512.0, 3.1, 4, 12, BOOT)
    idle = Process(1, "init", "sleeping", 0.0, 4.0, 0.1, 1, None, BOOT)
    return ProcessSample(host, datetime.now(UTC), 2, 30.0, (top, idle))
