"""Asking mounts how full they are, without being held up by one that does not answer."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from typing import NamedTuple

from worker.collectors.gaps import why


class Mount(NamedTuple):
    """A mounted partition.

    `number` is the kernel's own for this mount, `point` is where it is and `name` the same for people to
    read. `at_hand` says that neither the file system nor the way to it can make a question wait, and `pool`,
    if there is one, with which others it shares its free space.
    """

    number: int
    point: bytes
    name: str
    device: str
    filesystem: str
    at_hand: bool = False
    pool: str = ""


class Usage(NamedTuple):
    """Bytes of a file system: `free` is what users can still have, which is less than what is not used."""

    total: int
    used: int
    free: int


Probe = Callable[[Mount], Usage]
Answer = Usage | str


def usage(mount: Mount) -> Usage:
    """Ask the file system that is mounted there now."""
    found = os.statvfs(mount.point)
    size = found.f_frsize
    return Usage(found.f_blocks * size, (found.f_blocks - found.f_bfree) * size, found.f_bavail * size)


class Probes:
    """One thread for each mount that might not answer, and never a second one while the first one waits.

    A hung mount holds whoever asks it, beyond the reach of signals and time limits. So a reading waits up
    to `limit_s` seconds for all mounts together, and not at all for one that an earlier reading gave up.
    """

    def __init__(self, probe: Probe, *, limit_s: float) -> None:
        self._probe = probe
        self._limit_s = limit_s
        self._asked: dict[int, float] = {}
        self._turn = threading.Lock()

    def ask(self, mounts: Sequence[Mount]) -> list[tuple[Mount, Answer]]:
        """The usage of each mount, or the reason in words why it is not known; those at hand come first."""
        answers = [(mount, self._outcome(mount)) for mount in mounts if mount.at_hand]
        if len(answers) < len(mounts):
            with self._turn:
                answers += self._ask_distant([mount for mount in mounts if not mount.at_hand])
        return answers

    def _ask_distant(self, mounts: Sequence[Mount]) -> Iterator[tuple[Mount, Answer]]:
        answers: SimpleQueue[tuple[Mount, Answer]] = SimpleQueue()
        asked = [mount for mount in mounts if mount.number not in self._asked]
        for mount in asked:
            self._ask_aside(mount, answers)
        found = self._collect(answers, len(asked))
        for mount in mounts:
            yield mount, found.get(mount) or self._silence(mount)

    def _ask_aside(self, mount: Mount, answers: SimpleQueue[tuple[Mount, Answer]]) -> None:
        def ask() -> None:
            answers.put((mount, self._outcome(mount)))
            self._asked.pop(mount.number, None)

        self._asked[mount.number] = time.monotonic()
        try:
            threading.Thread(target=ask, name="probe", daemon=True).start()
        except RuntimeError as error:  # the system has no thread left to give
            del self._asked[mount.number]
            answers.put((mount, str(error)))

    def _collect(self, answers: SimpleQueue[tuple[Mount, Answer]], count: int) -> dict[Mount, Answer]:
        found: dict[Mount, Answer] = {}
        deadline = time.monotonic() + self._limit_s
        while len(found) < count:
            try:
                mount, answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                break
            found[mount] = answer
        return found

    def _outcome(self, mount: Mount) -> Answer:
        try:
            return self._probe(mount)
        except OSError as error:
            return why(error)

    def _silence(self, mount: Mount) -> str:
        since = self._asked.get(mount.number)
        seconds = self._limit_s if since is None else time.monotonic() - since
        return f"no answer for {seconds:.0f} s"
