"""The limits that a container or a service runs under, from control groups of version 1 and 2."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from worker.collectors import mountinfo
from worker.collectors.machine import Machine
from worker.collectors.memory import GIB

# Version 1 says "no limit" with the largest multiple of a page below 2**63.
UNLIMITED = 2**60


class Controller(NamedTuple):
    """One of the kernel's controllers: its version, and the folders of the process's own group and of
    those above, for the limit of each of them holds.
    """

    version: int
    folders: tuple[str, ...]


class Limits(NamedTuple):
    """The tightest limits on the collector, None where there is none, in cores and GB of 2**30 bytes; and
    the folder and version of the group that limits the memory.
    """

    cores: float | None = None
    memory_gb: float | None = None
    folder: str = ""
    version: int = 2

    def memory_used_gb(self, machine: Machine) -> float:
        """The memory in use, in GB, in the group that limits it; there has to be one.

        In use is what the kernel cannot simply drop: all charged memory less inactive file pages, the
        measure that Docker and the kubelet show ("working set").
        """
        return _memory_used(machine, self.folder, self.version) / GIB


def read_limits(machine: Machine) -> Limits:
    """Look for the groups of this process, and for the limits on the way up from them."""
    if not machine.has_proc:
        return Limits()
    mounts = machine.while_unchanged(mountinfo.MOUNTINFO, _hierarchies)
    cpu, memory = _controllers(machine.files.read("proc/self/cgroup"), mounts)
    cores = [_cores(machine, cpu.version, folder) for folder in cpu.folders]
    limited = [
        (limit, folder)
        for folder in memory.folders
        if (limit := _memory_limit(machine, memory.version, folder)) is not None
    ]
    tightest = min((limit for limit in cores if limit is not None), default=None)
    if not limited:
        return Limits(tightest)
    limit, folder = min(limited, key=lambda one: one[0])
    return Limits(tightest, limit / GIB, folder, memory.version)


def _controllers(content: bytes, mounts: Sequence[mountinfo.Row]) -> tuple[Controller, Controller]:
    groups = dict(_groups(content))
    return _controller("cpu", groups, mounts), _controller("memory", groups, mounts)


def _controller(name: str, groups: Mapping[str, str], mounts: Sequence[mountinfo.Row]) -> Controller:
    for version, kind, key in ((1, "cgroup", name), (2, "cgroup2", "")):
        for mount in mounts:
            if mount.filesystem == kind and key in groups and (version == 2 or name in mount.options):
                return Controller(version, tuple(_upwards(mount, groups[key])))
    return Controller(2, ())


def _hierarchies(content: bytes) -> list[mountinfo.Row]:
    return [row for row in mountinfo.parse(content) if row.filesystem in {"cgroup", "cgroup2"}]


def _groups(content: bytes) -> Iterator[tuple[str, str]]:
    """The path of this process's group for each controller of version 1, and as `` for version 2."""
    for line in content.decode("utf-8", "surrogateescape").splitlines():
        _number, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path


def _upwards(mount: mountinfo.Row, path: str) -> Iterator[str]:
    """The folders from a group up to the topmost one that can be seen, relative to the root."""
    top = mount.point.decode("utf-8", "surrogateescape").strip("/")
    root = mount.root.decode("utf-8", "surrogateescape").rstrip("/")
    inside = f"{path}/".startswith(f"{root}/") and "/.." not in path
    below = path[len(root) :].strip("/") if inside else ""
    while below:
        yield f"{top}/{below}"
        below = below.rpartition("/")[0]
    yield top


def _cores(machine: Machine, version: int, folder: str) -> float | None:
    with suppress(FileNotFoundError):  # the topmost group has no limits
        if version == 2:
            quota, period = machine.files.read(f"{folder}/cpu.max").split()
            return None if quota == b"max" else int(quota) / int(period)
        quota = machine.files.read(f"{folder}/cpu.cfs_quota_us")
        if int(quota) > 0:
            return int(quota) / int(machine.files.read(f"{folder}/cpu.cfs_period_us"))
    return None


def _memory_limit(machine: Machine, version: int, folder: str) -> int | None:
    with suppress(FileNotFoundError):
        limit = machine.files.read(f"{folder}/{'memory.max' if version == 2 else 'memory.limit_in_bytes'}")
        if limit.strip() != b"max" and int(limit) < UNLIMITED:
            return int(limit)
    return None


def _memory_used(machine: Machine, folder: str, version: int) -> int:
    charged, idle = ("memory.current", b"inactive_file ")
    if version == 1:
        charged, idle = ("memory.usage_in_bytes", b"total_inactive_file ")
    stat = machine.files.read(f"{folder}/memory.stat")
    start = stat.index(b"\n" + idle) + 1 + len(idle)
    inactive = int(stat[start : stat.index(b"\n", start)])
    return max(0, int(machine.files.read(f"{folder}/{charged}")) - inactive)
