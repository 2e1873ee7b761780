"""The table of all processes, from one pass over /proc or from psutil."""

import os
from collections import Counter
from typing import NamedTuple

import psutil

from worker.collectors.cpu import TICKS_PER_SECOND
from worker.collectors.gaps import why
from worker.collectors.machine import Machine

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

ENDED = "ended while they were read"

# The letters of proc_pid_stat(5) in the words of psutil.
STATES = {
    b"R": "running",
    b"S": "sleeping",
    b"D": "disk-sleep",
    b"Z": "zombie",
    b"T": "stopped",
    b"t": "tracing-stop",
    b"X": "dead",
    b"x": "dead",
    b"K": "wake-kill",
    b"W": "waking",
    b"I": "idle",
    b"P": "parked",
}


class Row(NamedTuple):
    """One process. `started` (since boot) and `used` (CPU time) are in ticks, `resident` memory in bytes."""

    pid: int
    parent: int
    group: int
    started: int
    used: int
    resident: int
    threads: int
    state: bytes | str
    name: bytes | str


class Table(NamedTuple):
    """The processes that could be read, how many there were, and why others could not be read."""

    rows: list[Row]
    running: int
    reasons: Counter[str]


def read_table(machine: Machine) -> Table:
    """One pass over all processes; OSError only if there is no list of them."""
    return _from_proc(machine) if machine.has_proc else _by_psutil()


def _from_proc(machine: Machine) -> Table:
    folder = str(machine.files.root / "proc")
    pids = [name for name in os.listdir(folder) if name.isdigit()]  # noqa: PTH208 - names do, without a Path each
    rows, reasons = [], Counter[str]()
    for pid in pids:
        try:
            rows.append(_row(pid, _stat(f"{folder}/{pid}/stat")))
        except (OSError, ValueError, LookupError) as error:
            reasons[reason(error)] += 1
    return Table(rows, len(pids), reasons)


def _stat(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 1024)
    finally:
        os.close(descriptor)


def _row(pid: str, stat: bytes) -> Row:
    # A process names itself, with brackets if it likes: its name ends at the last one.
    end = stat.rindex(b")")
    found = stat[end + 2 :].split(b" ", 22)
    return Row(
        int(pid),
        int(found[1]),
        int(found[2]),
        int(found[19]),
        int(found[11]) + int(found[12]),
        int(found[21]) * PAGE_BYTES,
        int(found[17]),
        found[0],
        stat[stat.index(b"(") + 1 : end],
    )


def reason(error: Exception) -> str:
    """Why a process could not be read, without its id, so that reasons can be counted."""
    if isinstance(error, FileNotFoundError | ProcessLookupError | psutil.NoSuchProcess):
        return ENDED
    return error.strerror if isinstance(error, OSError) and error.strerror else why(error)


def _by_psutil() -> Table:
    rows, reasons = [], Counter[str]()
    boot = psutil.boot_time()
    pids = psutil.pids()
    for pid in pids:
        try:
            rows.append(_row_by_psutil(psutil.Process(pid), boot))
        except (OSError, psutil.Error) as error:
            reasons[reason(error)] += 1
    return Table(rows, len(pids), reasons)


def _row_by_psutil(process: psutil.Process, boot: float) -> Row:
    with process.oneshot():
        times = process.cpu_times()
        return Row(
            pid=process.pid,
            parent=process.ppid(),
            group=os.getpgid(process.pid),
            started=round((process.create_time() - boot) * TICKS_PER_SECOND),
            used=round((times.user + times.system) * TICKS_PER_SECOND),
            resident=process.memory_info().rss,
            threads=process.num_threads(),
            state=process.status(),
            name=process.name(),
        )
