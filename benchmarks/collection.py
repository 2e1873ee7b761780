"""The claims about collection: what a system row and a table of 2,000 processes cost to read."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import psutil

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.rounds import compare
from worker.collectors.counters import Counters, ProcessCounters, dump
from worker.collectors.cpu import read_load, read_times
from worker.collectors.files import CHUNK
from worker.collectors.machine import Machine, since_boot
from worker.collectors.memory import read_memory
from worker.collectors.network import read_connections, read_network
from worker.collectors.processes import read_processes
from worker.collectors.system import read_system

EXTRA_PROCESSES = 2_000
TOP = 20

SYSTEM_ROW = Claim(
    "one system row",
    "six bare reads of /proc",
    2.0,
    Kind.CPU,
    "`read_system`, all of it, against `pread` on six open files and one `statvfs`, 200 and 600 times",
)
TABLE_TO_PASS = Claim(
    "process table, 2,000 processes, top 20",
    "one pass over `/proc/*/stat`",
    1.5,
    Kind.CPU,
    "`read_processes` against open, read and close of each file",
)
TABLE_TO_PSUTIL = Claim(
    "process table, 2,000 processes, top 20, cheaper than",
    "`psutil.process_iter`, 11 attributes",
    10.0,
    Kind.CPU,
    "the same against psutil",
    at_least=True,
)
CLAIMS = (SYSTEM_ROW, TABLE_TO_PASS, TABLE_TO_PSUTIL)

# What a system row must read at least.
FILES = ("stat", "meminfo", "loadavg", "net/dev", "net/sockstat", "net/sockstat6")

ATTRIBUTES = [
    *("pid", "name", "status", "cpu_percent", "memory_info", "memory_percent"),
    *("num_threads", "num_fds", "create_time", "ppid", "username"),
]


class Ticking:
    """A machine whose clock goes on by an interval at each tick: what is read seldom costs its share."""

    def __init__(self, interval_s: float) -> None:
        self._interval_s = interval_s
        self._now_s = since_boot()
        self.machine = Machine(clock=lambda: self._now_s)

    def tick(self) -> None:
        self._now_s += self._interval_s


def run(report: Report, *, full: bool) -> None:
    """Measure them in this process; in full, with twice as many rounds."""
    rounds = 18 if full else 9
    _system(report, rounds)
    with _sleepers(EXTRA_PROCESSES):
        _processes(report, rounds)


def _system(report: Report, rounds: int) -> None:
    ticking = Ticking(5.0)
    counters: Counters | None = None

    def row() -> None:
        nonlocal counters
        ticking.tick()
        sample, counters = read_system(counters, host="web-1", now=datetime.now(UTC), machine=ticking.machine)
        assert sample.memory_percent is not None

    def parsed() -> None:
        machine = ticking.machine
        read_times(machine), read_memory(machine), read_load(machine)
        read_network(machine), read_connections(machine), os.statvfs("/")

    floor = BareReads()
    for name, subject, claim in (
        ("system row", row, SYSTEM_ROW),
        ("readings of a system row, parsed", parsed, None),
        ("readings of a system row by psutil", _by_psutil, None),
    ):
        report.compare(
            compare(f"{name} / 6 bare reads", subject, floor, servers=list, rounds=rounds, calls=(200, 600)),
            claim,
        )
    assert counters is not None
    report.count("counters kept of a system row", len(dump(counters)) / 1024, "KB")


class BareReads:
    """The floor: six files that stay open are read, and the root asked; nothing is parsed."""

    def __init__(self) -> None:
        self._open = [os.open(f"/proc/{name}", os.O_RDONLY) for name in FILES]

    def __call__(self) -> None:
        for descriptor in self._open:
            os.pread(descriptor, CHUNK, 0)
        os.statvfs("/")


def _by_psutil() -> None:
    psutil.cpu_times(), psutil.virtual_memory(), psutil.swap_memory(), psutil.getloadavg()
    psutil.net_io_counters(nowrap=False), psutil.disk_usage("/")


def _processes(report: Report, rounds: int) -> None:
    ticking = Ticking(30.0)
    counters: ProcessCounters | None = None

    def table() -> None:
        nonlocal counters
        ticking.tick()
        sample, counters = read_processes(
            counters, host="web-1", now=datetime.now(UTC), top=TOP, machine=ticking.machine
        )
        assert sample.running > EXTRA_PROCESSES
        assert len(sample.processes) >= TOP

    name = f"table of {EXTRA_PROCESSES:,} processes, top {TOP}"
    report.compare(
        compare(f"{name} / one pass over stat", table, _bare_pass, servers=list, rounds=rounds), TABLE_TO_PASS
    )
    report.compare(
        compare(f"{name} / process_iter", table, _process_iter, servers=list, rounds=rounds), TABLE_TO_PSUTIL
    )
    assert counters is not None
    report.count("counters kept of a table", len(dump(counters)) / 1024, "KB")


def _bare_pass() -> None:
    """The floor: every process's stat file is opened, read and closed; nothing is parsed."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - as bare as can be
        if not name.isdigit():
            continue
        try:
            descriptor = os.open(f"/proc/{name}/stat", os.O_RDONLY)
        except FileNotFoundError:  # it has ended
            continue
        os.read(descriptor, 1024)
        os.close(descriptor)


def _process_iter() -> None:
    assert len([each.info for each in psutil.process_iter(ATTRIBUTES)]) > EXTRA_PROCESSES


@contextmanager
def _sleepers(count: int) -> Iterator[None]:
    """So many processes that do nothing, in a group of their own; whoever adopts them buries them."""
    script = f"for n in $(seq {count}); do sleep 3600 & done"
    shell = os.posix_spawn("/bin/sh", ["sh", "-c", script], os.environ, setpgroup=0)
    try:
        os.waitpid(shell, 0)
        yield
    finally:
        os.killpg(shell, signal.SIGKILL)
