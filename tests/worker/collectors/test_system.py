"""A reading of the whole machine: every field is right, or named as missing."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import fields
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest
from pydantic import TypeAdapter

from domain.rates import CpuTimes, cpu_percent
from domain.sample import SystemSample
from tests.waiting import until
from tests.worker.collectors.children import BUSY, as_nobody, python
from tests.worker.collectors.kernel import GIB, Kernel
from worker.collectors.counters import Counters, dump, load
from worker.collectors.cpu import Load
from worker.collectors.disks import Space
from worker.collectors.facts import LIMITS
from worker.collectors.machine import Machine, since_boot
from worker.collectors.memory import Memory
from worker.collectors.network import Traffic
from worker.collectors.probes import usage
from worker.collectors.system import Derived, read_system

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

# Not the collector's business, and what no machine needs to have.
OPTIONAL = {"redis_response_ms", "cgroup_cpu_limit_cores", "cgroup_memory_limit_gb", "cgroup_memory_used_gb"}


def read(previous: Counters | None = None, machine: Machine | None = None) -> tuple[SystemSample, Counters]:
    return read_system(previous, host="web-1", now=NOW, machine=machine)


def unknown(sample: SystemSample) -> set[str]:
    return {field.name for field in fields(sample) if getattr(sample, field.name) is None} - OPTIONAL


def test_it_reads_this_machine_as_psutil_does() -> None:
    sample, _ = read()
    memory = psutil.virtual_memory()
    assert sample.platform.memory_total_gb == pytest.approx(memory.total / GIB)
    assert sample.memory_available_gb == pytest.approx(memory.available / GIB, abs=0.3)
    assert sample.swap_total_gb == pytest.approx(psutil.swap_memory().total / GIB)
    assert sample.uptime_s == pytest.approx(since_boot(), abs=60)
    assert sample.platform.boot_time.timestamp() == psutil.boot_time()
    assert sample.platform.cpu_count == psutil.cpu_count()
    assert sample.platform.release == Path("/proc/sys/kernel/osrelease").read_text(encoding="ascii").strip()


def test_each_figure_stands_in_the_field_that_is_named_for_it(kernel: Kernel) -> None:
    machine = kernel.machine()
    _, counters = read(machine=machine)
    kernel.now_s += 5
    kernel.write("proc/stat", "cpu  140 30 320 4250 550 11 17 95 99 10\nintr 1\nbtime 1700000000\n")
    kernel.write(
        "proc/net/dev",
        "\n\n"
        "  eth0: 6000 11 1 2 0 0 0 0 3000 21 3 4 0 0 0 0\n"
        " wlan0: 100 1 10 20 0 0 0 0 200 2 30 40 0 0 0 0\n",
    )
    sample, _ = read(counters, machine)
    assert (sample.host, sample.collected_at, sample.uptime_s, sample.window_s) == ("web-1", NOW, 1005.0, 5.0)
    assert (sample.cpu_percent, sample.cpu_frequency_mhz) == (25.0, 2500.0)
    assert (sample.load_1m, sample.load_5m, sample.load_15m) == (0.25, 0.5, 0.75)
    assert (sample.memory_used_gb, sample.memory_available_gb, sample.memory_percent) == (6.0, 2.0, 75.0)
    assert (sample.swap_total_gb, sample.swap_percent) == (4.0, 25.0)
    assert (sample.disk_total_gb, sample.disk_used_gb, sample.disk_free_gb) == (100.0, 40.0, 40.0)
    assert sample.disk_percent == 50.0
    assert (sample.network_bytes_in_total, sample.network_bytes_out_total) == (6100, 3200)
    assert (sample.network_packets_in_total, sample.network_packets_out_total) == (12, 23)
    assert (sample.network_errors_in_total, sample.network_errors_out_total) == (11, 33)
    assert (sample.network_drops_in_total, sample.network_drops_out_total) == (22, 44)
    assert (sample.network_bytes_in_per_s, sample.network_bytes_out_per_s) == (1000.0, 200.0)
    assert sample.connections == 16
    assert sample.platform.boot_time == datetime.fromtimestamp(1700000000, UTC)


def test_the_first_reading_has_no_rates_and_says_so() -> None:
    sample, _ = read()
    rates = {"window_s", "cpu_percent", "network_bytes_in_per_s", "network_bytes_out_per_s"}
    assert {name for name, why in sample.missing.items() if why.startswith("the first reading")} == rates


def test_whatever_is_not_known_is_named_with_a_reason(kernel: Kernel) -> None:
    machine = kernel.machine()
    for file in (
        "proc/stat",
        "proc/meminfo",
        "proc/loadavg",
        "proc/net/dev",
        "proc/net/sockstat",
        "proc/cpuinfo",
    ):
        kernel.remove(file)
    kernel.remove("proc/self/mountinfo")
    kernel.remove("proc/self/cgroup")
    sample, _ = read(machine=machine)
    assert len(unknown(sample)) > 25
    assert unknown(sample) <= sample.missing.keys()
    assert sample.missing["memory_percent"] == f"{kernel.root}/proc/meminfo: No such file or directory"


@pytest.mark.parametrize(
    ("file", "content", "field", "reason"),
    [
        ("proc/meminfo", "MemTotal: 1 kB\n", "memory_percent", "/proc/meminfo has no MemAvailable"),
        ("proc/stat", "cpu 1 2\n", "cpu_percent", "the kernel's answer was not understood"),
        ("proc/net/dev", "\n\neth0: 1 2 3\n", "network_bytes_in_total", "was not understood"),
        ("proc/loadavg", "a lot\n", "load_1m", "was not understood"),
        ("proc/net/sockstat", "", "connections", "was not understood"),
        ("proc/cpuinfo", "processor : 0\n", "cpu_frequency_mhz", "does not say how fast"),
    ],
)
def test_a_file_that_makes_no_sense_costs_its_own_fields_only(
    kernel: Kernel, file: str, content: str, field: str, reason: str
) -> None:
    kernel.write(file, content)
    sample, _ = read(machine=kernel.machine())
    assert reason in sample.missing[field]
    assert sample.disk_percent == 50.0


def test_no_name_that_goes_wrong_keeps_a_sample_from_being_json(kernel: Kernel) -> None:
    kernel.write(
        "proc/self/mountinfo",
        b"27 1 254:0 / / rw - ext4 /dev/vda rw\n28 27 254:1 / /\xff\\012 rw - ext4 /dev/vdb rw\n"
        b"31 23 0:28 / /cg\xfe rw - cgroup2 cgroup2 rw\n",
    )
    (kernel.root / "cg\udcfe/cpu.max").mkdir(parents=True)
    kernel.probe = usage
    sample, _ = read(machine=kernel.machine())
    assert sample.missing["disk /\ufffd\\n"] == "/\ufffd\\n: No such file or directory"
    assert sample.missing["cgroup_cpu_limit_cores"] == f"{kernel.root}/cg\ufffd/cpu.max: Is a directory"
    assert b"Is a directory" in TypeAdapter(SystemSample).dump_json(sample)


def test_reading_as_an_unprivileged_user_loses_nothing_that_is_not_named() -> None:
    def gaps() -> str:
        sample, _ = read()
        return ",".join(sorted(unknown(sample) - sample.missing.keys())) or "all named"

    assert as_nobody(gaps) == "all named"


def test_what_may_not_be_read_is_named_with_the_reason(open_kernel: Kernel) -> None:
    (open_kernel.root / "proc/meminfo").chmod(0)

    def reason() -> str:
        return read(machine=open_kernel.machine())[0].missing["memory_percent"]

    assert as_nobody(reason) == f"{open_kernel.root}/proc/meminfo: Permission denied"


def test_cpu_percent_is_what_proc_stat_says_over_the_same_time_under_load() -> None:
    with python(BUSY):
        outer = _cpu_times()
        _, counters = read()
        inner = _cpu_times()
        until(lambda: sum(_cpu_times()) - sum(inner) > 200, within=20, what="two seconds of CPU time")
        least = _cpu_times()
        sample, _ = read(counters)
        most = _cpu_times()
    assert sample.cpu_percent is not None
    # Busy and total time lie between those of a window inside the reading's own and of one around it.
    assert sample.cpu_percent >= 100 * (least.busy - inner.busy - 2) / (sum(most) - sum(outer))
    assert sample.cpu_percent <= 100 * (most.busy - outer.busy + 2) / (sum(least) - sum(inner))
    assert sample.cpu_percent > 20


def _cpu_times() -> CpuTimes:
    """Busy and idle ticks, by a reading of our own, without its moment."""
    line = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, idle, iowait, *others = map(int, line.split()[1:9])
    return CpuTimes(0.0, user + nice + system + sum(others), idle + iowait)


def test_two_processes_that_take_turns_measure_the_right_windows() -> None:
    spawn = get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as one, ProcessPoolExecutor(1, spawn) as other, python(BUSY):
        kept = [one.submit(_take_turn, None).result()[1]]
        samples = []
        for process in (other, one, other):
            _pause_for_a_window(kept[-1])
            sample, left = process.submit(_take_turn, kept[-1]).result()
            samples.append(sample)
            kept.append(left)
    readings = [load(Counters, each) for each in kept]
    for sample, before, after in zip(samples, readings, readings[1:], strict=False):
        assert before is not None
        assert after is not None
        assert before.cpu is not None
        assert after.cpu is not None
        assert sample.window_s == pytest.approx(after.moment.at_s - before.moment.at_s)
        assert sample.cpu_percent == cpu_percent(before.cpu, after.cpu)


def _take_turn(kept: bytes | None) -> tuple[SystemSample, bytes]:
    """One tick as a worker does it: counters from where they are kept, a reading, counters back."""
    sample, counters = read(load(Counters, kept))
    return sample, dump(counters)


def _pause_for_a_window(kept: bytes) -> None:
    counters = load(Counters, kept)
    assert counters is not None
    until(lambda: since_boot() - counters.moment.at_s > 0.6, within=10, what="a window to pass")


def test_a_reading_right_after_another_leaves_its_window_to_the_next(kernel: Kernel) -> None:
    machine = kernel.machine()
    _, first = read(machine=machine)
    kernel.now_s += 0.1
    hasty, kept = read(first, machine)
    assert hasty.missing["cpu_percent"] == "less than 0.5 s since the reading before"
    kernel.now_s += 4.9
    kernel.write("proc/net/dev", "\n\n  eth0: 6000 0 0 0 0 0 0 0 2000 0 0 0 0 0 0 0\n")
    sample, _ = read(kept, machine)
    assert (sample.window_s, sample.network_bytes_in_per_s) == (5.0, 1000.0)


def test_a_reboot_voids_what_was_read_before_it(kernel: Kernel) -> None:
    _, counters = read(machine=kernel.machine())
    kernel.now_s = 5000.0
    kernel.write("proc/sys/kernel/random/boot_id", "99999999-2222-3333-4444-555555555555\n")
    sample, after = read(counters, kernel.machine())
    assert sample.cpu_percent is None
    assert sample.missing["cpu_percent"] == "the machine was restarted since the reading before"
    assert len(after.trail) == 1


def test_counters_that_were_reset_are_a_gap_and_no_spike(kernel: Kernel) -> None:
    machine = kernel.machine()
    _, counters = read(machine=machine)
    kernel.now_s += 5
    kernel.write("proc/stat", "cpu  1 0 0 9 0 0 0 0 0 0\nbtime 1700000000\n")
    kernel.write("proc/net/dev", "\n\n  eth0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n")
    sample, _ = read(counters, machine)
    assert (sample.cpu_percent, sample.network_bytes_in_per_s) == (None, None)
    assert sample.missing["cpu_percent"] == "its counter went backwards"
    assert sample.missing["network_bytes_in_per_s"] == "eth0: its counter went backwards"


def test_the_averages_come_when_there_are_minutes_enough(kernel: Kernel) -> None:
    machine = kernel.machine()
    counters: Counters | None = None
    known: list[tuple[object, object]] = []
    for reading in range(16 * 12):
        kernel.now_s = 1000.0 + 5 * reading
        busy = 100 * min(reading, 10 * 12)
        kernel.write("proc/stat", f"cpu  {busy} 0 0 {1000 * reading - busy} 0 0 0 0 0 0\nbtime 1700000000\n")
        sample, counters = read(counters, machine)
        known.append((sample.cpu_percent_5m, sample.cpu_percent_15m))
    assert known[59] == (None, None)
    assert known[60] == (10.0, None)
    assert known[-1] == (0.0, pytest.approx(6.1, abs=0.2))


def test_the_frequency_is_read_again_after_five_minutes(kernel: Kernel) -> None:
    machine = kernel.machine()
    read(machine=machine)
    kernel.write("proc/cpuinfo", "cpu MHz : 800.0\n")
    kernel.now_s += 299
    assert read(machine=machine)[0].cpu_frequency_mhz == 2500.0
    kernel.now_s += 1
    assert read(machine=machine)[0].cpu_frequency_mhz == 800.0


def test_the_groups_that_a_sample_is_filled_from_are_in_the_order_of_its_fields() -> None:
    names = [field.name for field in fields(SystemSample)]
    rates = Derived._fields
    assert names[4:35] == [
        *rates[:4],
        "cpu_frequency_mhz",
        *(Load._fields + Memory._fields + Space._fields + Traffic._fields),
        *rates[4:],
        "connections",
        *LIMITS,
    ]


def test_what_the_machine_is_made_of_is_read_again_after_five_minutes(kernel: Kernel) -> None:
    machine = kernel.machine()
    known = read(machine=machine)[0].platform
    kernel.write("proc/stat", "cpu  1 0 0 9 0 0 0 0 0 0\nbtime 1700000009\n")
    kernel.now_s += 299
    assert read(machine=machine)[0].platform is known
    kernel.now_s += 1
    assert read(machine=machine)[0].platform.boot_time == datetime.fromtimestamp(1700000009, UTC)


def test_a_processor_that_only_cpufreq_knows_has_a_frequency_too(kernel: Kernel) -> None:
    kernel.write("proc/cpuinfo", "processor : 0\nBogoMIPS : 50.00\n")
    kernel.write("sys/devices/system/cpu/cpufreq/policy0/scaling_cur_freq", "1500000\n")
    kernel.write("sys/devices/system/cpu/cpufreq/policy4/scaling_cur_freq", "2500000\n")
    assert read(machine=kernel.machine())[0].cpu_frequency_mhz == 2000.0


def test_a_kernel_without_ipv6_still_counts_connections(kernel: Kernel) -> None:
    kernel.remove("proc/net/sockstat6")
    assert read(machine=kernel.machine())[0].connections == 12


def test_a_machine_without_proc_is_read_by_psutil(tmp_path: Path) -> None:
    here, _ = read()
    portable, _ = read(machine=Machine(tmp_path))
    assert portable.memory_percent == pytest.approx(here.memory_percent, abs=3)
    assert portable.disk_total_gb == pytest.approx(here.disk_total_gb)
    assert portable.network_bytes_in_total == pytest.approx(here.network_bytes_in_total, rel=0.2)
    assert portable.uptime_s == pytest.approx(here.uptime_s, abs=60)
    assert unknown(portable) <= portable.missing.keys()
    assert portable.missing["connections"] == "this system keeps no count of connections"
