"""A program that is run as a child of ours, described as a value."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedded.identity import OURSELVES, Identity


def _nothing() -> None:
    """Nothing has to be done before a program that needs no preparation."""


def _at_once() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Program:
    """What to run and how to know that it is ready.

    `argv` begins with the path of the program, which is not searched for. `prepare` runs before every start,
    restarts included, and may raise EmbeddedError. `ready` is asked again and again once the process exists,
    and should answer within a second. `stop_signal` asks the program to stop, and is also what it gets when
    its parent dies. `start_within` and `stop_within` are seconds; after the latter it is killed. `cwd` is its
    working directory, ours by default.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(repr=False)
    ready: Callable[[], bool] = _at_once
    prepare: Callable[[], None] = _nothing
    stop_signal: signal.Signals = signal.SIGTERM
    start_within: float = 30.0
    stop_within: float = 10.0
    identity: Identity = OURSELVES
    cwd: Path | None = None
