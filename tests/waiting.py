"""Waiting for something to become true, with a deadline and a sentence when it does not."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PAUSE = 0.02  # seconds between two looks

T = TypeVar("T")


def until(condition: Callable[[], T | None], *, within: float, what: str) -> T:
    """Ask `condition` until it answers with something true and return that; fail after `within` seconds.

    `what` completes the sentence "waited … seconds for".
    """
    deadline = time.monotonic() + within
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {within:g} seconds for {what}, and the last answer was {found!r}")
        threading.Event().wait(PAUSE)
    return found
