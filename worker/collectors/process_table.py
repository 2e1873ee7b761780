"""The table of all processes, from one pass over /proc or from psutil."""

import os
from collections import Counter
from typing import NamedTuple

import psutil

from worker.collectors.cpu import TICKS_PER_SECOND
from worker.collectors.gaps import why
from worker.collectors.machine import Machine
from worker.collectors.stat_files import Row

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


class Table(NamedTuple):
    """The processes that could be read, how many there were, and why others could not be read."""

    rows: list[Row]
    running: int
    reasons: Counter[str]


def read_table(machine: Machine) -> Table:
    """One pass over all processes; OSError only if there is no list of them."""
    return _from_proc(machine) if machine.has_proc else _by_psutil()


def _from_proc(machine: Machine) -> Table:
    pids = machine.stats.pids()
    rows, reasons = [], Counter[str]()
    for pid in pids:
        try:
            rows.append(machine.stats.read(pid))
        except (OSError, ValueError, LookupError) as error:
            reasons[reason(error)] += 1
    machine.stats.keep_only(pids)
    return Table(rows, len(pids), reasons)


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
