"""Limits of control groups, of version 1 and 2, wherever on the way up they are set."""

from datetime import UTC, datetime

import pytest

from domain.sample import SystemSample
from tests.worker.collectors.kernel import GIB, Kernel
from worker.collectors.cgroup import read_limits
from worker.collectors.facts import LIMITS
from worker.collectors.system import read_system

V2 = "31 23 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
V1_CPU = "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
V1_MEMORY = "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
V1_GROUPS = "4:memory:/app\n2:cpu,cpuacct:/app\n1:name=systemd:/\n"
TOP = "sys/fs/cgroup"


def version_2(kernel: Kernel, *, group: str = "/app.slice/tocsin.service", mounts: str = V2) -> None:
    kernel.write("proc/self/mountinfo", mounts)
    kernel.write("proc/self/cgroup", f"0::{group}\n")


def limit_2(kernel: Kernel, group: str, *, cpu: str = "max 100000", memory: str = "max") -> None:
    kernel.write(f"{TOP}{group}/cpu.max", f"{cpu}\n")
    kernel.write(f"{TOP}{group}/memory.max", f"{memory}\n")
    kernel.write(f"{TOP}{group}/memory.current", f"{2 * GIB}\n")
    kernel.write(f"{TOP}{group}/memory.stat", f"anon 1\nfile 2\ninactive_file {GIB // 2}\nactive_file 9\n")


def version_1(kernel: Kernel, *, quota: int, limit: int) -> None:
    kernel.write("proc/self/mountinfo", V1_CPU + V1_MEMORY)
    kernel.write("proc/self/cgroup", V1_GROUPS)
    kernel.write(f"{TOP}/cpu,cpuacct/app/cpu.cfs_quota_us", f"{quota}\n")
    kernel.write(f"{TOP}/cpu,cpuacct/app/cpu.cfs_period_us", "100000\n")
    kernel.write(f"{TOP}/memory/app/memory.limit_in_bytes", f"{limit}\n")
    kernel.write(f"{TOP}/memory/app/memory.usage_in_bytes", f"{GIB}\n")
    kernel.write(f"{TOP}/memory/app/memory.stat", f"cache 5\ninactive_file 1\ntotal_inactive_file {2**28}\n")


def sample_of(kernel: Kernel) -> SystemSample:
    return read_system(None, host="h", now=datetime(2026, 1, 2, tzinfo=UTC), machine=kernel.machine())[0]


def read(kernel: Kernel) -> tuple[float | None, float | None, float | None]:
    """Cores, GB of memory, and how many of them are in use, as a sample has them."""
    sample = sample_of(kernel)
    return sample.cgroup_cpu_limit_cores, sample.cgroup_memory_limit_gb, sample.cgroup_memory_used_gb


def test_it_reads_the_limits_of_version_2(kernel: Kernel) -> None:
    version_2(kernel)
    limit_2(kernel, "/app.slice/tocsin.service", cpu="150000 100000", memory=str(4 * GIB))
    assert read(kernel) == (1.5, 4.0, 1.5)


def test_it_reads_the_limits_of_version_1(kernel: Kernel) -> None:
    version_1(kernel, quota=50_000, limit=2 * GIB)
    assert read(kernel) == (0.5, 2.0, 0.75)


def test_without_a_limit_there_is_nothing_to_say(kernel: Kernel) -> None:
    version_2(kernel)
    limit_2(kernel, "/app.slice/tocsin.service")
    assert read(kernel) == (None, None, None)
    assert not sample_of(kernel).missing.keys() & {*LIMITS}


def test_the_largest_number_of_version_1_is_no_limit(kernel: Kernel) -> None:
    version_1(kernel, quota=-1, limit=9_223_372_036_854_771_712)
    assert read(kernel) == (None, None, None)


def test_the_tightest_limit_on_the_way_up_holds_and_its_group_says_what_is_used(kernel: Kernel) -> None:
    version_2(kernel)
    limit_2(kernel, "/app.slice", cpu="100000 100000", memory=str(3 * GIB))
    limit_2(kernel, "/app.slice/tocsin.service", cpu="400000 100000", memory=str(8 * GIB))
    kernel.write(f"{TOP}/app.slice/memory.current", f"{GIB}\n")
    assert read(kernel) == (1.0, 3.0, 0.5)


@pytest.mark.parametrize(
    ("group", "mounted"),
    [("/", "/"), ("/docker/abc", "/docker/abc"), ("/../other", "/"), ("/docker/abc", "/elsewhere")],
)
def test_in_a_container_the_limits_are_at_the_top_of_what_it_sees(
    kernel: Kernel, group: str, mounted: str
) -> None:
    version_2(kernel, group=group, mounts=V2.replace(" / /sys", f" {mounted} /sys"))
    limit_2(kernel, "", cpu="200000 100000", memory=str(2 * GIB))
    assert read(kernel) == (2.0, 2.0, 1.5)


def test_a_mount_of_a_part_of_the_tree_is_searched_from_there(kernel: Kernel) -> None:
    version_2(kernel, group="/kube/pod1/app", mounts=V2.replace(" / /sys", " /kube/pod1 /sys"))
    limit_2(kernel, "/app", cpu="200000 100000")
    assert read(kernel)[0] == 2.0


def test_where_both_versions_are_mounted_the_one_with_the_controller_counts(kernel: Kernel) -> None:
    version_1(kernel, quota=50_000, limit=2 * GIB)
    kernel.write("proc/self/mountinfo", V1_CPU + V1_MEMORY + V2.replace("cgroup rw", "cgroup/unified rw", 1))
    kernel.write("proc/self/cgroup", V1_GROUPS + "0::/app\n")
    assert read(kernel)[0] == 0.5


def test_a_machine_without_control_groups_has_no_limits(kernel: Kernel) -> None:
    assert read(kernel) == (None, None, None)


def test_memory_in_use_is_read_at_every_reading(kernel: Kernel) -> None:
    version_2(kernel, group="/app")
    limit_2(kernel, "/app", memory=str(4 * GIB))
    machine = kernel.machine()
    limits = read_limits(machine)
    kernel.write(f"{TOP}/app/memory.current", f"{3 * GIB}\n")
    assert limits.memory_used_gb(machine) == 2.5
