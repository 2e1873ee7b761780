"""The machine that is read: where its files are, and what is kept from one reading to the next."""

import os
import time
from collections.abc import Callable
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any, TypeVar

from worker.collectors.files import KernelFiles
from worker.collectors.probes import Probe, Probes, usage
from worker.collectors.stat_files import StatFiles

T = TypeVar("T")

BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

# What hardly ever changes, or is dear to read, is read again after so many seconds.
SELDOM_S = 300.0


def since_boot() -> float:
    """Seconds since boot, on a clock that nobody can set and, on Linux, that runs on while it sleeps."""
    return time.clock_gettime(BOOT_CLOCK)


class Machine:
    """One machine, seen through the files under `root`.

    Without a /proc there, psutil is asked instead: slower, the same everywhere. `clock` gives seconds since
    boot, `probe` measures one mount and `limit_s` is how many seconds a reading waits for all of them.
    """

    def __init__(
        self,
        root: Path = Path("/"),
        *,
        clock: Callable[[], float] = since_boot,
        probe: Probe = usage,
        limit_s: float = 1.0,
    ) -> None:
        self.files = KernelFiles(root)
        self.clock = clock
        self.has_proc = (root / "proc/stat").exists()
        self.stats = StatFiles(root / "proc")
        self.probes = Probes(probe, limit_s=limit_s)
        self._seldom: dict[Callable[..., Any], tuple[float, Any]] = {}
        self._parsed: dict[str, dict[Callable[[bytes], Any], Any]] = {}

    def seldom(self, read: Callable[["Machine"], T]) -> T:
        """What `read` answered or raised within the last five minutes, and else what it does now."""
        at_s, outcome = self._seldom.get(read, (-inf, None))
        now_s = self.clock()
        if not 0 <= now_s - at_s < SELDOM_S:
            outcome = self._outcome(read)
            self._seldom[read] = (now_s, outcome)
        if isinstance(outcome, Exception):
            raise outcome
        known: T = outcome
        return known

    def while_unchanged(self, path: str, parse: Callable[[bytes], T]) -> T:
        """What `parse` made of a file that announces its changes, anew after each of them."""
        if self.files.changed(path):
            self._parsed.pop(path, None)
        try:
            result: T = self._parsed[path][parse]
        except KeyError:
            result = parse(self.files.read(path))
            self._parsed.setdefault(path, {})[parse] = result
        return result

    def _outcome(self, read: Callable[["Machine"], T]) -> T | Exception:
        try:
            return read(self)
        except (OSError, ValueError, LookupError) as error:
            return error


def local() -> Machine:
    """The machine we run on, anew for each process: threads and what poll() knows do not survive a fork."""
    return _of_process(os.getpid())


@lru_cache(maxsize=1)
def _of_process(_pid: int) -> Machine:
    return Machine()
