"""A reading of the processes: the top ones, our own, and no harm from any of them."""

import os
import subprocess
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from domain.sample import Process, ProcessSample
from tests.waiting import until
from tests.worker.collectors.children import BUSY, READY, as_nobody, python, sleeper
from tests.worker.collectors.kernel import Kernel
from worker.collectors.counters import ProcessCounters
from worker.collectors.machine import Machine, since_boot
from worker.collectors.own import family
from worker.collectors.process_table import read_table
from worker.collectors.processes import read_processes

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def read(
    previous: ProcessCounters | None = None,
    *,
    own_pids: Collection[int] = (),
    machine: Machine | None = None,
    top: int = 10,
) -> tuple[ProcessSample, ProcessCounters]:
    return read_processes(previous, host="web-1", now=NOW, top=top, own_pids=own_pids, machine=machine)


def found(sample: ProcessSample, pid: int) -> Process:
    return next(process for process in sample.processes if process.pid == pid)


def pids(sample: ProcessSample) -> list[int]:
    return [process.pid for process in sample.processes]


def test_it_reads_a_process_as_psutil_does() -> None:
    with sleeper() as child:
        process = found(read(own_pids={child.pid})[0], child.pid)
        truth = psutil.Process(child.pid)
        assert (process.name, process.status) == (truth.name(), "sleeping")
        assert process.memory_mb == pytest.approx(truth.memory_info().rss / 2**20, rel=0.1)
        assert process.memory_percent == pytest.approx(truth.memory_percent(), rel=0.1)
        assert (process.threads, process.file_descriptors) == (truth.num_threads(), truth.num_fds())
        assert process.created_at.timestamp() == pytest.approx(truth.create_time(), abs=0.02)


def test_a_process_that_burns_a_core_shows_the_cpu_time_that_the_kernel_counted() -> None:
    with python(BUSY) as child:
        outer = _seconds_used(child.pid)
        _, counters = read()
        inner = _seconds_used(child.pid)
        until(lambda: since_boot() - counters.moment.at_s > 1.5, within=20, what="a window to pass")
        least = _seconds_used(child.pid) - inner
        sample, _ = read(counters)
        most = _seconds_used(child.pid) - outer
    process = found(sample, child.pid)
    assert process in sample.processes[:10]
    assert process.cpu_percent is not None
    assert sample.window_s is not None
    used = process.cpu_percent * sample.window_s / 100
    assert least - 0.02 <= used <= most + 0.02


def _seconds_used(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def test_a_process_at_first_sight_has_no_cpu_percent() -> None:
    sample, _ = read()
    assert {process.cpu_percent for process in sample.processes} == {None}
    assert sample.missing["cpu_percent"] == "the first reading has nothing to compare with"


def test_a_new_process_with_an_old_id_is_not_taken_for_the_old_one(kernel: Kernel) -> None:
    machine = kernel.machine()
    kernel.process(70, utime=100, started=500)
    _, counters = read(machine=machine)
    kernel.now_s += 10
    kernel.process(70, utime=900, started=99_000)
    assert found(read(counters, machine=machine)[0], 70).cpu_percent is None


def test_it_keeps_the_top_by_cpu_the_top_by_memory_and_its_own(kernel: Kernel) -> None:
    machine = kernel.machine()
    for pid in range(100, 120):
        kernel.process(pid, rss=pid, utime=0)
    _, counters = read(machine=machine)
    kernel.now_s += 10
    for pid in range(100, 120):
        kernel.process(pid, rss=pid, utime=120 - pid)
    sample, _ = read(counters, machine=machine, top=3, own_pids={110})
    assert pids(sample) == [100, 101, 102, 119, 118, 117, 110]
    assert found(sample, 100).cpu_percent == 2.0
    assert (sample.running, sample.window_s) == (20, 10.0)
    assert [process.pid for process in sample.processes if process.own] == [110]


def test_a_process_without_cpu_time_or_memory_is_no_top_process(kernel: Kernel) -> None:
    machine = kernel.machine()
    kernel.process(2, name=b"kthreadd", rss=0)
    _, counters = read(machine=machine)
    kernel.now_s += 10
    sample, _ = read(counters, machine=machine)
    assert (sample.processes, sample.running) == ((), 1)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        (b"\xff\xfe bad", "\ufffd\ufffd bad"),
        (b"a\nb\tc", r"a\nb\tc"),
        (b"x) R 1 1 1 (y", "x) R 1 1 1 (y"),
        ("\u202egnp.exe".encode(), r"\u202egnp.exe"),
        (rb"\u0000", r"\x5cu0000"),
        (b"caf\xc3\xa9 \xf0\x9f\x94\x94", "café 🔔"),
    ],
)
def test_a_hostile_name_is_shown_and_harms_nothing(hostile: bytes, shown: str) -> None:
    with sleeper(f"import ctypes; ctypes.CDLL(None).prctl(15, {hostile!r})\n") as child:
        process = found(read(own_pids={child.pid})[0], child.pid)
    assert process.name == shown
    assert process.status == "sleeping"


def test_a_zombie_is_read_like_any_other_process() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as child:
        until(lambda: psutil.Process(child.pid).status() == "zombie", within=10, what="a zombie")
        process = found(read(own_pids={child.pid})[0], child.pid)
    assert (process.status, process.memory_mb) == ("zombie", 0.0)


def test_processes_that_come_and_go_while_it_reads_do_no_harm() -> None:
    spawning = (
        "import os\n" + READY + "while True:\n"
        "    born = [os.posix_spawn('/bin/true', ['true'], {}) for _ in range(20)]\n"
        "    for pid in born: os.waitpid(pid, 0)\n"
    )
    with python(spawning) as child:
        counters: ProcessCounters | None = None
        samples = []
        for _ in range(50):
            sample, counters = read(counters, own_pids={child.pid})
            samples.append(sample)
    assert all(child.pid in pids(sample) for sample in samples)
    reasons = {sample.missing.get("processes", "").lstrip("0123456789 ") for sample in samples}
    assert reasons <= {"", "ended while they were read"}


def test_a_process_that_ended_while_it_was_read_is_counted_and_named(kernel: Kernel) -> None:
    kernel.process(70)
    (kernel.root / "proc/71").mkdir()
    sample, _ = read(machine=kernel.machine())
    assert (pids(sample), sample.running) == ([70], 2)
    assert sample.missing["processes"] == "1 ended while they were read"


def test_a_process_that_makes_no_sense_costs_only_itself(kernel: Kernel) -> None:
    kernel.process(70)
    kernel.write("proc/71/stat", b"71 (half")
    sample, _ = read(machine=kernel.machine())
    assert pids(sample) == [70]
    assert "not understood" in sample.missing["processes"]


def test_what_an_unprivileged_user_may_not_see_is_named(open_kernel: Kernel) -> None:
    open_kernel.process(70)
    open_kernel.process(71)
    locked, files = open_kernel.root / "locked", open_kernel.root / "proc/70/fd"
    locked.mkdir()
    files.rename(locked / "fd")
    files.symlink_to(locked / "fd")
    locked.chmod(0)
    (open_kernel.root / "proc/71/stat").chmod(0)

    def seen() -> str:
        sample, _ = read(machine=open_kernel.machine())
        process = found(sample, 70)
        return (
            f"{process.file_descriptors} {sample.missing['processes']} {sample.missing['file_descriptors']}"
        )

    assert as_nobody(seen) == "None 1 Permission denied 1 Permission denied"


def test_an_unprivileged_user_sees_other_users_processes() -> None:
    def seen() -> str:
        parent = found(read(own_pids={os.getppid()})[0], os.getppid())
        return f"{parent.own} {parent.memory_mb > 1}"

    assert as_nobody(seen) == "True True"


def test_our_own_are_those_of_our_command_and_our_app_and_what_they_started(kernel: Kernel) -> None:
    kernel.process(50, name=b"celery", group=50)
    kernel.write("proc/50/cmdline", b"/venv/bin/python\0/venv/bin/celery\0-A\0worker.celery\0beat\0")
    kernel.process(51, name=b"celery", group=50, parent=50)
    kernel.process(52, name=b"sh", group=50, parent=51)
    kernel.process(60, name=b"celery", group=60)
    kernel.write("proc/60/cmdline", b"/venv/bin/celery\0-A\0shop.tasks\0worker\0")
    kernel.process(70, name=b"tocsin", group=70)
    kernel.process(71, name=b"postgres", group=71, parent=70)
    kernel.process(80, name=b"sh", group=80)
    kernel.process(81, name=b"sleep", group=80, parent=80)
    kernel.process(90, name=b"postgres", group=90)
    sample, _ = read(machine=kernel.machine(), own_pids={80})
    assert {process.pid for process in sample.processes if process.own} == {50, 51, 52, 70, 71, 80, 81}


def test_of_a_large_family_only_the_largest_are_kept(kernel: Kernel) -> None:
    for pid in range(100, 200):
        kernel.process(pid, rss=pid, parent=100)
    sample, _ = read(machine=kernel.machine(), own_pids={100})
    assert pids(sample) == list(range(199, 149, -1))


def test_a_command_line_is_asked_for_only_where_it_can_tell(kernel: Kernel) -> None:
    kernel.process(50, name=b"celery", group=50)
    kernel.process(51, name=b"celery", group=50)
    kernel.process(60, name=b"nginx", group=60)
    asked: list[int] = []

    def command_line(pid: int) -> bytes:
        asked.append(pid)
        return b""

    family(read_table(kernel.machine()).rows, {60}, command_line)
    assert asked == [50]


def test_this_process_is_its_own() -> None:
    assert found(read()[0], os.getpid()).own


@pytest.mark.parametrize("started", [("-A", "worker.celery"), ("-m", "worker.run")])
def test_the_arguments_of_a_process_are_in_no_sample(started: tuple[str, str]) -> None:
    secret = "password=hunter2"
    with sleeper("", *started, secret) as child:
        sample, counters = read()
    assert found(sample, child.pid).own
    assert secret not in f"{sample} {counters}"


def test_without_a_list_of_processes_the_sample_says_so(kernel: Kernel) -> None:
    machine = kernel.machine()
    (kernel.root / "proc").rename(kernel.root / "gone")
    sample, _ = read(machine=machine)
    assert (sample.processes, sample.running) == ((), 0)
    assert "No such file or directory" in sample.missing["running"]


def test_a_reading_right_after_another_leaves_its_window_to_the_next(kernel: Kernel) -> None:
    machine = kernel.machine()
    kernel.process(70, utime=0)
    _, first = read(machine=machine)
    kernel.now_s += 0.2
    kernel.process(70, utime=20)
    hasty, kept = read(first, machine=machine)
    assert found(hasty, 70).cpu_percent is None
    kernel.now_s += 9.8
    kernel.process(70, utime=500)
    assert found(read(kept, machine=machine)[0], 70).cpu_percent == 50.0


def test_a_machine_without_proc_is_read_by_psutil(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    with python(BUSY) as child:
        _, counters = read(machine=machine)
        until(lambda: since_boot() - counters.moment.at_s > 1.0, within=20, what="a window to pass")
        sample, _ = read(counters, own_pids={child.pid}, machine=machine)
        process = found(sample, child.pid)
        assert process.cpu_percent is not None
        assert process.cpu_percent > 20
        assert process.created_at.timestamp() == pytest.approx(
            psutil.Process(child.pid).create_time(), abs=0.02
        )
        assert process.status in {"running", "sleeping"}
        assert process.file_descriptors == psutil.Process(child.pid).num_fds()
