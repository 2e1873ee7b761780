"""The supervisor: starts programs in order, keeps them running, stops them in reverse order."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from embedded.error import EmbeddedError, in_words
from embedded.folders import make_home
from embedded.keeping import Kept, State, Status
from embedded.lock import holders, open_lock, taken_within
from embedded.program import Program

Tell = Callable[[str], None]


def _quietly(_: str) -> None:
    """Nobody is told that a program is being stopped."""


class Supervisor:
    """Runs `programs` as children, one supervisor for each `home`; logs go to `home/log/NAME.log`.

    Call all of it in one thread, the main one: on Linux the children end with the thread that started them.
    `stopping` hears the name of each program that is about to be stopped.
    """

    def __init__(self, programs: Sequence[Program], home: Path, *, stopping: Tell = _quietly) -> None:
        self._home = home.absolute()
        self._stopping = stopping
        self._kept = [Kept(program, self._home) for program in programs]
        self._lock: int | None = None

    def start(self) -> None:
        """Start the programs in order, each when the one before is ready.

        Raises EmbeddedError, leaving nothing behind, when one does not start or another supervisor is here.
        """
        with in_words("Tocsin", self._home):
            self._lock = _only_one(self._home)
        with ExitStack() as unless_all_started:
            unless_all_started.callback(self.stop)
            for kept in self._kept:
                kept.start()
            unless_all_started.pop_all()

    def launch(self, program: Program) -> None:
        """Start one more program and wait until it is ready; it is stopped before those started earlier.

        Raises EmbeddedError when it does not start, and keeps the others running.
        """
        # In the list before it starts, so that an interruption leaves nothing that is not stopped.
        self._kept.append(kept := Kept(program, self._home))
        try:
            kept.start()
        except EmbeddedError:
            self._kept.remove(kept)
            raise

    def poll(self) -> tuple[Status, ...]:
        """Look after all programs once, restart what is due, and say how they are; call it every second."""
        for kept in self._kept:
            kept.look_after(time.monotonic())
        return self.status()

    def status(self) -> tuple[Status, ...]:
        return tuple(kept.status for kept in self._kept)

    def stop(self) -> None:
        """Stop the programs, the last one first; a second interruption kills those that are left."""
        remaining = list(self._kept)
        try:
            while remaining:
                if remaining[-1].status.state is not State.STOPPED:
                    self._stopping(remaining[-1].status.name)
                remaining[-1].stop()
                remaining.pop()
        finally:
            for kept in remaining:
                kept.kill()
            if self._lock is not None:
                os.close(self._lock)
                self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _only_one(home: Path) -> int:
    make_home(home)
    path = home / "run" / "tocsin.lock"
    lock = open_lock(path)
    if not taken_within(lock, 0):
        os.close(lock)
        pid = next(iter(holders(path)), "unknown")
        raise EmbeddedError(
            f"Tocsin runs on {home} already, as process {pid}. Stop that one with `kill {pid}`, or set "
            "TOCSIN_HOME to another folder."
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    return lock
