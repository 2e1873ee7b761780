"""Waiting for something to become true, with a deadline and a sentence when it does not."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

PAUSE = 0.02  # seconds between two looks
BUSY = 4  # how much longer a machine takes that does other things at the same time

T = TypeVar("T")


def until(condition: Callable[[], T | None], *, within: float, what: str) -> T:
    """Ask `condition` until it answers with something true and return that; fail when it takes too long.

    `within` is what it may take on an idle machine, in seconds; `what` completes the sentence "waited for".
    """
    deadline = time.monotonic() + within * BUSY
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(
                f"waited {within * BUSY:g} seconds for {what}, and the last answer was {found!r}"
            )
        threading.Event().wait(PAUSE)
    return found
