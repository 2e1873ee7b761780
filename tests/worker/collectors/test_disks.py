"""Real partitions, each device once; and a mount that hangs, or leaves, costs only itself."""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.sample import SystemSample
from tests.waiting import until
from tests.worker.collectors.children import in_namespaces
from tests.worker.collectors.kernel import GIB, Kernel
from worker.collectors.disks import NOT_PROBED, read_disks, table_of
from worker.collectors.machine import Machine, local
from worker.collectors.probes import Mount, Usage
from worker.collectors.system import read_system

ROOT = "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw"
MOUNTINFO = "proc/self/mountinfo"


def points(*lines: str) -> list[str]:
    """The mount points that are asked, of a table with these lines."""
    return [mount.point.decode() for mount in table_of("\n".join(lines).encode()).partitions]


def test_the_root_of_this_machine_is_measured_as_statvfs_has_it() -> None:
    found = os.statvfs("/")
    disk = next(disk for disk in read_disks(local()).disks if disk.mount == "/")
    used, free = found.f_blocks - found.f_bfree, found.f_bavail
    assert disk.total_gb == pytest.approx(found.f_blocks * found.f_frsize / GIB)
    assert disk.free_gb == pytest.approx(free * found.f_frsize / GIB, rel=0.05)
    assert disk.percent == pytest.approx(100 * used / (used + free), abs=1)


@pytest.mark.parametrize(
    "line",
    [
        "22 27 0:21 / /proc rw - proc proc rw",
        "25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw",
        "31 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro",
        "32 27 11:0 / /media/cd ro - iso9660 /dev/sr0 ro",
        "33 27 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw,lowerdir=/a",
        "34 27 0:51 / /etc/auto rw - autofs systemd-1 rw",
        "35 27 0:52 / /var/lib/lxcfs rw - fuse.lxcfs lxcfs rw",
        "36 27 254:1 /containers/1/hosts /etc/hosts rw - ext4 /dev/vdb rw",
        "37 27 254:2 /secrets/redis_url /run/secrets/redis_url ro - ext4 /dev/vdc rw",
    ],
)
def test_what_is_no_real_partition_is_left_out(line: str) -> None:
    assert points(ROOT, line) == ["/"]


@pytest.mark.parametrize(
    "line",
    [
        "31 27 254:1 / /data rw - xfs /dev/vdb rw",
        "32 27 0:60 / /data rw - btrfs /dev/vdb rw,subvol=/",
        "33 27 0:61 / /data rw - zfs tank/data rw",
        "34 27 7:3 / /data rw - ext4 /dev/loop3 rw",
        "35 27 8:17 / /data rw - fuseblk /dev/sdb1 rw",
        "36 27 254:1 /srv/data /data rw shared:1 master:2 - ext4 /dev/vdb rw",
    ],
)
def test_what_is_a_real_partition_is_asked(line: str) -> None:
    assert points(ROOT, line) == ["/", "/data"]


def test_the_root_is_asked_whatever_it_is() -> None:
    assert points("1 0 0:40 / / rw - overlay overlay rw,lowerdir=/l") == ["/"]


def test_a_device_that_is_mounted_twice_is_asked_once_at_its_own_top_folder() -> None:
    bind = "31 27 254:1 /inside /a rw - ext4 /dev/vdb rw"
    whole = "32 27 254:1 / /somewhere/deep rw - ext4 /dev/vdb rw"
    assert points(ROOT, bind, whole) == ["/", "/somewhere/deep"]


def test_subvolumes_of_one_file_system_are_asked_once() -> None:
    subvolumes = [
        f"{number} 27 0:60 /@{name} /{name} rw - btrfs /dev/vdb rw" for number, name in enumerate("ab")
    ]
    assert points(ROOT, *subvolumes) == ["/", "/a"]


def test_a_mount_that_another_one_covers_is_not_asked() -> None:
    covered = "31 27 254:1 / /data rw - ext4 /dev/vdb rw"
    cover = "32 31 0:70 / /data rw - tmpfs tmpfs rw"
    assert points(ROOT, covered, cover) == ["/"]


def test_a_network_file_system_is_not_asked_but_named(kernel: Kernel) -> None:
    kernel.write(MOUNTINFO, f"{ROOT}\n31 27 0:70 / /mnt/nas rw - nfs4 nas:/export rw\n")
    found = read_disks(kernel.machine())
    assert [disk.mount for disk in found.disks] == ["/"]
    assert found.missing == {"disk /mnt/nas": NOT_PROBED}


@pytest.mark.parametrize(
    ("line", "at_hand"),
    [
        ("31 27 254:1 / /data rw - ext4 /dev/vdb rw", True),
        ("31 27 254:1 / /data rw - xfs /dev/vdb rw", False),
        ("31 27 254:1 / /mnt/nas/below rw - ext4 /dev/vdb rw", False),
        ("31 27 254:1 / /mnt/nas2 rw - ext4 /dev/vdb rw", True),
    ],
)
def test_only_what_cannot_keep_us_waiting_is_asked_without_a_thread(line: str, at_hand: bool) -> None:  # noqa: FBT001 - a parameter of the test
    nas = "30 27 0:70 / /mnt/nas rw - nfs4 nas:/export rw"
    table = table_of(f"{ROOT}\n{nas}\n{line}".encode())
    assert table.partitions[1].at_hand is at_hand


def test_a_hostile_mount_point_is_asked_by_its_bytes_and_shown_as_text(kernel: Kernel) -> None:
    asked: list[bytes] = []

    def usage(mount: Mount) -> Usage:
        asked.append(mount.point)
        return Usage(GIB, 0, GIB)

    kernel.probe = usage
    kernel.write(MOUNTINFO, b"31 27 254:1 / /m/a\\040b\\012c\\134\xff\r rw - ext4 /dev/vd\\040b rw\n")
    (disk,) = read_disks(kernel.machine()).disks
    assert asked == [b"/m/a b\nc\\\xff\r"]
    assert (disk.mount, disk.device) == ("/m/a b\\nc\\x5c\ufffd\\r", "/dev/vd b")


def test_the_sum_counts_each_device_once_and_shared_space_once(kernel: Kernel) -> None:
    kernel.write(
        MOUNTINFO,
        f"{ROOT}\n31 27 0:61 / /tank rw - zfs tank rw\n32 27 0:62 / /tank/home rw - zfs tank/home rw\n",
    )
    sizes = {b"/": (100, 40, 50), b"/tank": (41, 1, 40), b"/tank/home": (60, 20, 40)}
    kernel.probe = lambda mount: Usage(*(size * GIB for size in sizes[mount.point]))
    found = read_disks(kernel.machine())
    assert len(found.disks) == 3
    assert found.space == (100 + 61, 40 + 21, 50 + 40, 100 * 61 / (61 + 90))


def test_a_mount_that_appears_is_seen_for_the_kernel_announces_it(tmp_path: Path) -> None:
    seen = in_namespaces(
        f"""
        machine = local()
        before = machine.while_unchanged("{MOUNTINFO}", parse)
        assert machine.while_unchanged("{MOUNTINFO}", parse) is before
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "{tmp_path}"], check=True)
        print({{row.point for row in machine.while_unchanged("{MOUNTINFO}", parse)}}
            - {{row.point for row in before}})
        """
    )
    assert seen == f"{{b'{tmp_path}'}}"


def test_a_partition_that_cannot_be_asked_is_named_and_the_others_are_measured(kernel: Kernel) -> None:
    kernel.write(MOUNTINFO, f"{ROOT}\n31 27 254:1 / /data rw - ext4 /dev/vdb rw\n")

    def usage(mount: Mount) -> Usage:
        if mount.point == b"/data":
            raise PermissionError(13, "Permission denied", "/data")
        return Usage(GIB, GIB // 2, GIB // 2)

    kernel.probe = usage
    sample = read(kernel.machine())
    assert [disk.mount for disk in sample.disks] == ["/"]
    assert sample.missing["disk /data"] == "/data: Permission denied"
    assert sample.disk_percent == 50.0


def test_without_any_partition_the_sum_is_unknown(kernel: Kernel) -> None:
    kernel.write(MOUNTINFO, "25 24 0:23 / /dev/shm rw - tmpfs tmpfs rw\n")
    sample = read(kernel.machine())
    assert sample.disk_percent is None
    assert sample.missing["disk_percent"] == "no partition could be measured"


def test_a_partition_that_left_while_it_was_asked_is_not_mistaken_for_what_lies_beneath(
    kernel: Kernel, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel.write(MOUNTINFO, f"{ROOT}\n31 27 254:1 / /data rw - ext4 /dev/vdb rw\n")
    machine = kernel.machine()
    # A file on a disk does not announce its changes as mountinfo does.
    monkeypatch.setattr(machine.files, "changed", lambda _path: True)

    def leave(_mount: Mount) -> Usage:
        kernel.write(MOUNTINFO, f"{ROOT}\n")
        return Usage(GIB, GIB // 2, GIB // 2)

    kernel.probe = leave
    found = read_disks(machine)
    assert [disk.mount for disk in found.disks] == ["/"]
    assert found.missing == {"disk /data": "it was unmounted while it was asked"}


HUNG = "31 27 0:70 / /hung rw - btrfs /dev/vdc rw"


@contextmanager
def hanging(kernel: Kernel) -> Iterator[tuple[Machine, list[bytes], threading.Event]]:
    """A machine with a mount that does not answer before the event, and the mounts that were asked."""
    asked: list[bytes] = []
    answer = threading.Event()

    def usage(mount: Mount) -> Usage:
        asked.append(mount.point)
        if mount.point == b"/hung":
            answer.wait()
        return Usage(GIB, GIB // 4, 3 * GIB // 4)

    kernel.probe = usage
    kernel.write(MOUNTINFO, f"{ROOT}\n{HUNG}\n")
    with ExitStack() as stack:
        stack.callback(answer.set)
        yield kernel.machine(limit_s=0.05), asked, answer


def test_a_mount_that_hangs_is_named_and_the_others_are_measured(kernel: Kernel) -> None:
    with hanging(kernel) as (machine, _, _):
        sample = read(machine)
    assert [disk.mount for disk in sample.disks] == ["/"]
    assert sample.missing["disk /hung"].startswith("no answer for")


def test_a_mount_that_hangs_is_asked_by_one_thread_only_and_waited_for_once(kernel: Kernel) -> None:
    with hanging(kernel) as (machine, asked, _):
        before = set(threading.enumerate())  # one that an earlier test let go may still be on its way out
        read(machine)
        machine.probes._limit_s = 3600.0  # whoever waits for it again will not be back in time
        for _ in range(5):
            assert "disk /hung" in read(machine).missing
        assert asked.count(b"/hung") == 1
        assert asked.count(b"/") == 6
        assert len(set(threading.enumerate()) - before) == 1


def is_whole(sample: SystemSample) -> bool:
    """Whether both partitions were measured, and none is missing."""
    return len(sample.disks) == 2 and "disk /hung" not in sample.missing


def test_a_mount_that_answers_again_is_measured_again(kernel: Kernel) -> None:
    with hanging(kernel) as (machine, _, answer):
        assert "disk /hung" in read(machine).missing
        answer.set()
        until(lambda: is_whole(read(machine)), within=10, what="both partitions")


def test_all_mounts_together_have_one_time_limit(kernel: Kernel) -> None:
    answer = threading.Event()

    def usage(_mount: Mount) -> Usage:
        answer.wait()
        return Usage(GIB, 0, GIB)

    kernel.probe = usage
    lines = [f"{number} 27 0:{number} / /m{number} rw - btrfs /dev/vd rw" for number in range(100, 140)]
    kernel.write(MOUNTINFO, "\n".join(lines) + "\n")
    machine = kernel.machine(limit_s=0.2)
    reader = threading.Thread(target=read_disks, args=(machine,))
    reader.start()
    reader.join(timeout=5)  # forty times 0.2 s would be eight
    assert not reader.is_alive()
    answer.set()


def read(machine: Machine) -> SystemSample:
    return read_system(None, host="web-1", now=datetime(2026, 1, 2, tzinfo=UTC), machine=machine)[0]
