"""What processes take: CPU from the scheduler's books, memory as the share that is theirs."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Taken:
    """What processes took over a window: seconds of CPU for each minute, and memory at its end in MB.

    Memory is PSS: a page that several processes share counts for each of them by its share.
    """

    cpu_s_per_min: float
    pss_mb: float

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(self.cpu_s_per_min + other.cpu_s_per_min, self.pss_mb + other.pss_mb)


def watch(groups: Mapping[str, int], seconds: float) -> dict[str, Taken]:
    """Look at processes, each by a name and with all its children, over so many seconds."""
    began = time.monotonic()
    before = {name: _cpu(pid) for name, pid in groups.items()}
    time.sleep(seconds)
    minutes = (time.monotonic() - began) / 60
    return {name: Taken((_cpu(pid) - before[name]) / minutes, _pss(pid)) for name, pid in groups.items()}


def _cpu(pid: int) -> float:
    return sum(
        int(book.read_text("ascii").split()[0]) / 1e9
        for one in _family(pid)
        for book in _there(Path(f"/proc/{one}/task").glob("*/schedstat"))
    )


def _pss(pid: int) -> float:
    return sum(_pss_of(one) for one in _family(pid))


def _pss_of(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _family(pid: int) -> list[int]:
    with suppress(psutil.NoSuchProcess):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return []


def _there(books: Iterable[Path]) -> Iterator[Path]:
    """Those that can be read: a thread may end meanwhile."""
    return (book for book in books if os.access(book, os.R_OK))


@contextmanager
def ended(processes: Iterable["psutil.Popen"]) -> Iterator[None]:
    """Stop them at the end of the block, by their ids, the last one first."""
    try:
        yield
    finally:
        for process in reversed(list(processes)):
            process.terminate()
            with suppress(psutil.TimeoutExpired):
                process.wait(15)
            if process.is_running():
                process.kill()
                process.wait()
