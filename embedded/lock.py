"""Locks on files, which end with their last holder, however that ends."""

import fcntl
import os
import time
from pathlib import Path

PAUSE = 0.02  # seconds between two tries


def open_lock(path: Path) -> int:
    """Open the file that a lock is on, making it and its folder; no child inherits the descriptor."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def taken_within(lock: int, seconds: float) -> bool:
    """Try for `seconds` to get the lock, at least once; whether we have it."""
    deadline = time.monotonic() + seconds
    while not _taken(lock):
        if time.monotonic() >= deadline:
            return False
        time.sleep(PAUSE)
    return True


def holders(path: Path) -> list[int]:
    """The process ids that the holder of the lock wrote into its file; empty when there are none."""
    words = path.read_text("ascii", errors="replace").split()
    return [int(word) for word in words if word.isdecimal()]


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
