"""The stat files of processes, kept open from one look to the next as far as there is room for them.

To open one and close it again takes as long as to read it. One that is open stays with its process: when that
has ended the kernel answers "no such process", even if another one has got its id by then.
"""

import os
import resource
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from worker.collectors.files import Descriptor

# Each takes 4 KB of the kernel's memory for its buffer, and 1 KB of ours.
MOST_KEPT = 2048

# select(2) knows no descriptor from here on. What lies below, as many as a process may have unless it asks
# for more, stays free for everybody else.
FIRST_NUMBER = 1024

# Longer than any stat file.
LENGTH = 1024

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


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


class Kept(NamedTuple):
    """An open stat file, what it said last, and the row that this makes."""

    file: Descriptor
    stat: bytes
    row: Row


class StatFiles:
    """The stat files of all processes under the folder `proc`, of which at most so many are kept open."""

    def __init__(self, proc: Path, most: int = MOST_KEPT) -> None:
        self._proc = str(proc)
        self._most = most
        self._kept: dict[str, Kept] = {}

    def pids(self) -> list[str]:
        """Of all processes that there are; OSError if there is no list of them."""
        return [name for name in os.listdir(self._proc) if name.isdigit()]  # noqa: PTH208 - names do, without a Path each

    def read(self, pid: str) -> Row:
        """What a stat file says now; it is not parsed again while it says the same.

        Raises OSError when the process has ended or may not be seen, ValueError or IndexError for what is
        no stat file.
        """
        kept = self._kept.get(pid)
        if kept is None:
            return self._read_new(pid)
        try:
            stat = os.pread(kept.file.number, LENGTH, 0)
        except ProcessLookupError:  # by now its id may be another one's
            self._kept.pop(pid, None)
            return self._read_new(pid)
        return kept.row if stat == kept.stat else self._keep(pid, kept.file, stat)

    def keep_only(self, pids: Iterable[str]) -> None:
        """Close the files of all other processes."""
        for pid in self._kept.keys() - pids:
            self._kept.pop(pid, None)

    def _read_new(self, pid: str) -> Row:
        file = Descriptor.of(f"{self._proc}/{pid}/stat")
        stat = os.pread(file.number, LENGTH, 0)
        if len(self._kept) < self._room:
            with suppress(OSError):  # somebody has lowered the limit since
                return self._keep(pid, file.above(FIRST_NUMBER), stat)
        return _row(pid, stat)

    def _keep(self, pid: str, file: Descriptor, stat: bytes) -> Row:
        row = _row(pid, stat)
        self._kept[pid] = Kept(file, stat, row)
        return row

    @cached_property
    def _room(self) -> int:
        """How many may be kept open. The limit that a process begins with is low, and its own to raise."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = min(FIRST_NUMBER + self._most, hard)
        if soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return min(self._most, max(soft, wanted) - FIRST_NUMBER)


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
