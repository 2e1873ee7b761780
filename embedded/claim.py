"""The claim to run a program: one at a time, and what an earlier run left is ended first.

A program inherits the locked descriptor of `HOME/run/NAME.lock`, and so does all that it starts. While the
lock is held something of it lives; when it is free nothing does. No pid has to be trusted for that.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil

from embedded.error import EmbeddedError
from embedded.lock import holders, open_lock, taken_within
from embedded.program import Program


def claim(program: Program, home: Path) -> int:
    """Take the program's lock and return its descriptor, to be handed to the program and closed.

    Raises EmbeddedError when somebody else looks after the same program, or what is left of it does not end.
    """
    path = home / "run" / f"{program.name}.lock"
    lock = open_lock(path)
    with ExitStack() as unless_taken:
        unless_taken.callback(os.close, lock)
        if not taken_within(lock, 0):
            _end_earlier_run(program, path, lock)
        unless_taken.pop_all()
    return lock


def kill_group(leader: int) -> None:
    """Kill the process group that `leader` leads or led; no other process gets that number while it lives."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # all gone, or (on macOS) only zombies are left


def _end_earlier_run(program: Program, path: Path, lock: int) -> None:
    """Ask what is left to stop, wait for it, and kill what still holds the lock."""
    leader = _leader(path)
    if leader is not None:
        with suppress(psutil.Error):  # it may be ending at this moment, as its parent did
            _refuse_if_looked_after(program, leader, path)
            leader.send_signal(program.stop_signal)
    if leader is not None and taken_within(lock, program.stop_within):
        return
    for process in _holding(path):
        with suppress(psutil.Error):
            process.kill()
    if not taken_within(lock, program.stop_within):
        raise EmbeddedError(
            f"Processes of an earlier {program.name} still run and hold {path}; they did not end when they "
            "were killed. End them, then start again."
        )


def _leader(path: Path) -> psutil.Process | None:
    """The process that holds the lock and is not only a zombie, by the number that it wrote into the file."""
    for pid in holders(path)[:1]:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            return None if process.status() == psutil.STATUS_ZOMBIE else process
    return None


def _refuse_if_looked_after(program: Program, leader: psutil.Process, path: Path) -> None:
    parents = holders(path)[1:]
    if leader.ppid() in parents:
        raise EmbeddedError(
            f"{program.name} of {path.parent.parent} runs already, as process {leader.pid}, and process "
            f"{leader.ppid()} looks after it. Stop that one first, or set TOCSIN_HOME to another folder."
        )


def _holding(path: Path) -> Iterator[psutil.Process]:
    """All processes that have the file open; ours has too, and is not among them."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and any(file.path == str(path) for file in process.open_files()):
                yield process
