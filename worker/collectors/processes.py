"""One reading of the processes: the top ones by CPU, the top ones by memory, and Tocsin's own."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from heapq import nlargest

import psutil

from domain import rates
from domain.sample import Process, ProcessSample
from worker.collectors.counters import ProcessCounters
from worker.collectors.cpu import TICKS_PER_SECOND
from worker.collectors.gaps import attempt, known
from worker.collectors.machine import Machine, local
from worker.collectors.memory import physical_bytes
from worker.collectors.names import visible
from worker.collectors.own import family
from worker.collectors.platform import read_boot_time, read_moment
from worker.collectors.process_table import STATES, Table, read_table, reason
from worker.collectors.stat_files import Row

MIB = 2**20

# Everything in a container descends from its first process, which may be our command.
MOST_OWN = 50

# For each process id when it started and how much CPU time it has used, as in `ProcessCounters`.
Used = Mapping[int, tuple[int, int]]
NEVER_SEEN = (-1, 0)


def read_processes(
    previous: ProcessCounters | None,
    *,
    host: str,
    now: datetime,
    top: int = 10,
    own_pids: Collection[int] = (),
    machine: Machine | None = None,
) -> tuple[ProcessSample, ProcessCounters]:
    """Read the processes; answer with the sample and the counters that the next reading needs.

    Kept are the `top` ones by CPU and by memory, and Tocsin's own: this one, those in `own_pids`, those of
    our command and our Celery app, and the descendants of all of them. `previous` are the counters of the
    reading before, by this process or any other; `now` only names the moment. Nothing is raised: what
    cannot be read is None or left out, and `missing` says what and why. Command lines, which may hold
    secrets, are not kept; of Tocsin's own, no more than the 50 largest are.
    """
    machine = machine or local()
    missing: dict[str, str] = {}
    counters, table = _read_counters(machine, missing)
    window = rates.window(previous.moment if previous else None, counters.moment)
    window_s = known(missing, "window_s", window)
    gained = _gained(previous.used, counters.used) if previous and window_s is not None else {}
    own = family(table.rows, {os.getpid(), *own_pids}, partial(_command_line, machine))
    chosen = _choose(table.rows, gained, own, top)
    descriptors = _file_descriptors(machine, chosen, missing)
    if isinstance(window, str):
        missing["cpu_percent"] = window
    sample = ProcessSample(
        host=host,
        collected_at=now,
        running=table.running,
        window_s=window_s,
        processes=tuple(
            _process(
                row,
                cpu_percent=_percent(gained.get(row.pid), window_s),
                file_descriptors=descriptors.get(row.pid),
                booted_at=machine.seldom(read_boot_time),
                own=row.pid in own,
            )
            for row in chosen
        ),
        missing=missing,
    )
    return sample, previous if previous is not None and window == rates.TOO_SOON else counters


def _read_counters(machine: Machine, missing: dict[str, str]) -> tuple[ProcessCounters, Table]:
    moment = read_moment(machine)
    table = attempt(missing, ("running", "processes"), read_table, machine) or Table([], 0, Counter())
    if table.reasons:
        missing["processes"] = _in_words(table.reasons)
    return ProcessCounters(moment, {row.pid: (row.started, row.used) for row in table.rows}), table


def _gained(before: Used, now: Used) -> dict[int, int]:
    """Ticks of CPU that each process has used since; one that is new, or new under its id, has none."""
    gained = {}
    for pid, (started, used) in now.items():
        started_before, used_before = before.get(pid, NEVER_SEEN)
        if started == started_before and used >= used_before:
            gained[pid] = used - used_before
    return gained


def _choose(rows: Iterable[Row], gained: dict[int, int], own: Collection[int], top: int) -> list[Row]:
    """The busiest first; a process that used no CPU, or has no memory, is no top one by it."""
    busy = nlargest(top, (row for row in rows if gained.get(row.pid)), key=lambda row: gained[row.pid])
    big = nlargest(top, (row for row in rows if row.resident), key=lambda row: row.resident)
    ours = nlargest(MOST_OWN, (row for row in rows if row.pid in own), key=lambda row: row.resident)
    return list({row.pid: row for row in (*busy, *big, *ours)}.values())


def _percent(ticks: int | None, seconds: float | None) -> float | None:
    return None if ticks is None or seconds is None else 100 * ticks / TICKS_PER_SECOND / seconds


def _process(
    row: Row, *, cpu_percent: float | None, file_descriptors: int | None, booted_at: datetime, own: bool
) -> Process:
    return Process(
        pid=row.pid,
        name=visible(row.name),
        status=STATES.get(row.state, "unknown") if isinstance(row.state, bytes) else row.state,
        cpu_percent=cpu_percent,
        memory_mb=row.resident / MIB,
        memory_percent=100 * row.resident / physical_bytes(),
        threads=row.threads,
        file_descriptors=file_descriptors,
        created_at=booted_at + timedelta(seconds=row.started / TICKS_PER_SECOND),
        own=own,
    )


def _file_descriptors(machine: Machine, rows: Iterable[Row], missing: dict[str, str]) -> dict[int, int]:
    """How many files each process has open, as far as we may know."""
    found, reasons = {}, Counter[str]()
    for row in rows:
        try:
            found[row.pid] = _count_descriptors(machine, row.pid)
        except (OSError, psutil.Error) as error:
            reasons[reason(error)] += 1
    if reasons:
        missing["file_descriptors"] = _in_words(reasons)
    return found


def _count_descriptors(machine: Machine, pid: int) -> int:
    if not machine.has_proc:
        return psutil.Process(pid).num_fds()
    folder = machine.files.root / f"proc/{pid}/fd"
    # Since Linux 6.2 the size of the folder is the count, and no permission is needed to know it.
    return folder.stat().st_size or len(os.listdir(folder))  # noqa: PTH208 - counted, not looked into


def _command_line(machine: Machine, pid: int) -> bytes:
    try:
        if machine.has_proc:
            return (machine.files.root / f"proc/{pid}/cmdline").read_bytes()
        return "\0".join(psutil.Process(pid).cmdline()).encode("utf-8", "surrogateescape")
    except (OSError, psutil.Error):  # it ended, or is none of our business
        return b""


def _in_words(reasons: Counter[str]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in reasons.most_common())
