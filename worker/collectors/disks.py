"""The real partitions of a machine, and how full they are."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import psutil

from domain.sample import Disk
from worker.collectors import mountinfo
from worker.collectors.machine import Machine
from worker.collectors.memory import GIB
from worker.collectors.mountinfo import Row
from worker.collectors.names import visible
from worker.collectors.probes import Mount, Usage

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "coda", "davfs", "ceph", "lustre", "beegfs"}
    | {"gpfs", "orangefs", "ocfs2", "gfs2", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse"}
    | {"fuse.s3fs", "fuse.rclone", "fuse.davfs2", "fuse.juicefs"}
)
# Images are full from the day they are made: snaps, firmware, CDs.
IMAGES = frozenset({"squashfs", "erofs", "cramfs", "romfs", "iso9660", "udf"})
# Real ones that look like pseudo file systems to the kernel, having no single block device.
WITHOUT_BLOCK_DEVICE = frozenset({"btrfs", "bcachefs", "zfs", "ubifs", "virtiofs"})
# They answer from memory, even when their device is gone, and need no thread. XFS is none of them: from
# Linux 5.14 to 5.18 it finishes deleting files first, which takes a disk that answers.
AT_HAND = frozenset({"ext2", "ext3", "ext4"})
# Single files that container runtimes mount from their host.
FILES_OF_RUNTIMES = frozenset({b"/etc/hosts", b"/etc/hostname", b"/etc/resolv.conf", b"/dev/termination-log"})
SECRETS = (b"/run/secrets/", b"/var/run/secrets/")

NOT_MOUNTED = "it was unmounted while it was asked"
NOT_PROBED = "not probed: network file system"

# All volumes of one APFS container, as /dev/disk3s1 and /dev/disk3s5, share its space.
_APFS_CONTAINER = re.compile(r"/dev/disk\d+")


class Space(NamedTuple):
    """All partitions together, each device once, in GB of 2**30 bytes; percent is that of df."""

    disk_total_gb: float | None = None
    disk_used_gb: float | None = None
    disk_free_gb: float | None = None
    disk_percent: float | None = None


class Disks(NamedTuple):
    """The partitions that answered, their sum, and why others are not among them."""

    disks: tuple[Disk, ...] = ()
    space: Space = Space()
    missing: Mapping[str, str] = MappingProxyType({})


class MountTable(NamedTuple):
    """The partitions to ask, whether one of them can leave meanwhile, and why others are left alone."""

    partitions: tuple[Mount, ...]
    may_leave: bool
    missing: Mapping[str, str]


def read_disks(machine: Machine) -> Disks:
    """Every real partition, measured within the machine's time limit for all of them."""
    partitions, may_leave, unasked = _table(machine)
    answers = machine.probes.ask(partitions)
    still = _table(machine).partitions if may_leave else partitions
    missing = dict(unasked)
    measured = []
    for mount, answer in answers:
        if mount not in still:  # then what lies beneath it may have answered in its place
            missing[_component(mount.name)] = NOT_MOUNTED
        elif isinstance(answer, str):
            missing[_component(mount.name)] = answer
        elif answer.total:
            measured.append((mount, answer))
    if not measured:
        return Disks((), Space(), missing | dict.fromkeys(Space._fields, "no partition could be measured"))
    return Disks(tuple([_disk(*one) for one in measured]), _together(measured), missing)


def _component(name: str) -> str:
    """What a partition is called among all that is missing."""
    return f"disk {name}"


def _table(machine: Machine) -> MountTable:
    return machine.while_unchanged(mountinfo.MOUNTINFO, table_of) if machine.has_proc else _table_by_psutil()


def table_of(content: bytes) -> MountTable:
    """Sort the lines of mountinfo into partitions to ask, network file systems, and what is neither."""
    rows = mountinfo.parse(content)
    network = [visible(row.point) for row in rows if row.filesystem in NETWORK]
    distant = [row for row in rows if row.filesystem not in AT_HAND]
    partitions = sorted(_each_device_once(rows), key=lambda row: row.point)
    return _mount_table((_mount(row, distant) for row in partitions), network)


def _mount_table(mounts: Iterable[Mount], network: Iterable[str]) -> MountTable:
    partitions = tuple(mounts)
    return MountTable(
        partitions,
        any(mount.point != b"/" for mount in partitions),  # the root stays as long as we do
        {_component(name): NOT_PROBED for name in network},
    )


def _each_device_once(rows: Iterable[Row]) -> Iterable[Row]:
    chosen: dict[str, Row] = {}
    # Rather the file system's own top folder than a bind mount of one within, and rather a short path.
    for row in sorted(filter(_is_real, rows), key=lambda row: (row.root != b"/", len(row.point))):
        chosen.setdefault(row.device_number, row)
    return chosen.values()


def _is_real(row: Row) -> bool:
    if row.filesystem in NETWORK or row.filesystem in IMAGES:
        return False
    if row.point in FILES_OF_RUNTIMES or row.point.startswith(SECRETS):
        return False
    if row.point == b"/":  # whatever it is: in a container, an overlay
        return True
    return not row.device_number.startswith("0:") or row.filesystem in WITHOUT_BLOCK_DEVICE


def _mount(row: Row, distant: Sequence[Row]) -> Mount:
    at_hand = row.filesystem in AT_HAND and not any(_leads_to(other.point, row.point) for other in distant)
    return _partition(row.number, row.point, visible(row.device), row.filesystem, at_hand=at_hand)


def _partition(number: int, point: bytes, device: str, filesystem: str, *, at_hand: bool = False) -> Mount:
    return Mount(number, point, visible(point), device, filesystem, at_hand, _pool(filesystem, device))


def _leads_to(point: bytes, below: bytes) -> bool:
    return below.startswith(point.rstrip(b"/") + b"/")


def _table_by_psutil() -> MountTable:
    found = psutil.disk_partitions(all=False)
    first = {each.device: each for each in reversed(found)}
    network = [visible(each.mountpoint) for each in first.values() if each.fstype in NETWORK]
    mounts = (
        _partition(number, os.fsencode(each.mountpoint), visible(each.device), each.fstype)
        for number, each in enumerate(first.values())
        if each.fstype not in NETWORK | IMAGES
    )
    return _mount_table(mounts, network)


def _pool(filesystem: str, device: str) -> str:
    """The pool whose free space a file system shares with others; empty if it has its space to itself."""
    if filesystem == "zfs":
        return device.partition("/")[0]
    container = _APFS_CONTAINER.match(device) if filesystem == "apfs" else None
    return container[0] if container else ""


def _disk(mount: Mount, usage: Usage) -> Disk:
    _number, _point, name, device, filesystem, _at_hand, _pool = mount
    total, used, free = usage
    return Disk(name, device, filesystem, total / GIB, used / GIB, free / GIB, _percent(used, free))


def _together(measured: Iterable[tuple[Mount, Usage]]) -> Space:
    total = used = free = 0
    shared: dict[str, int] = {}
    for mount, (size, in_use, left) in measured:
        used += in_use
        if mount.pool:
            total += in_use
            shared[mount.pool] = max(left, shared.get(mount.pool, 0))
        else:
            total += size
            free += left
    if shared:
        free += sum(shared.values())
        total += sum(shared.values())
    return Space(total / GIB, used / GIB, free / GIB, _percent(used, free))


def _percent(used: int, free: int) -> float:
    return 100 * used / (used + free) if used + free else 0.0
