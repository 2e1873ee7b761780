"""Keeping one program running: its states, its restarts and the pauses between them."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from embedded.child import Child
from embedded.error import EmbeddedError
from embedded.program import Program

FIRST_DELAY = 1.0  # seconds before the first restart
LONGEST_DELAY = 30.0  # seconds
STEADY_AFTER = 60.0  # seconds of life after which earlier deaths are forgotten


class State(StrEnum):
    """What a program is doing."""

    STARTING = "starting"
    RUNNING = "running"
    WAITING = "waiting"  # to be restarted
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """A program as it is shown: its pid while it lives, how often it was restarted, and since when it is so.

    `reason` says why it waits or was restarted last, with the end of its log; it is empty when it never died.
    """

    name: str
    state: State
    since: datetime
    pid: int | None = None
    restarts: int = 0
    reason: str = ""


def delay(deaths: int) -> float:
    """Seconds to wait before the restart after so many deaths in a row, the first being 1."""
    return min(FIRST_DELAY * 2.0 ** min(deaths - 1, 16), LONGEST_DELAY)


class Kept:
    """One program that is kept running."""

    def __init__(self, program: Program, home: Path) -> None:
        self._program = program
        self._home = home
        self._child: Child | None = None
        self._deaths = 0
        self._started_at = 0.0
        self._due_at = 0.0
        self.status = Status(program.name, State.STOPPED, datetime.now(UTC))

    def start(self) -> None:
        """Start it and wait until it is ready; raises EmbeddedError."""
        child = self._spawn(time.monotonic())
        child.wait_until_ready()
        self._became(State.RUNNING, pid=child.pid)

    def look_after(self, now: float) -> None:
        """Take the next step that is due at `now`, in seconds of the monotonic clock."""
        if self._child is None:
            if self.status.state is State.WAITING and now >= self._due_at:
                self._restart(now)
        elif self._child.exit_code is not None:
            self._mourn(self._child, now)
        elif self.status.state is State.STARTING:
            self._await_readiness(self._child, now)
        elif now - self._started_at > STEADY_AFTER:
            self._deaths = 0

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None
        self._became(State.STOPPED, pid=None)

    def kill(self) -> None:
        """End it at once."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def _spawn(self, now: float) -> Child:
        child = self._child = Child.start(self._program, self._home)
        self._started_at = now
        self._became(State.STARTING, pid=child.pid)
        return child

    def _restart(self, now: float) -> None:
        try:
            self._spawn(now)
        except EmbeddedError as error:
            self._wait(str(error), now)
        self.status = replace(self.status, restarts=self.status.restarts + 1)

    def _await_readiness(self, child: Child, now: float) -> None:
        if child.ready:
            self._became(State.RUNNING, pid=child.pid)
        elif now - self._started_at > self._program.start_within:
            child.kill()
            self._child = None
            self._wait(child.overdue(), now)

    def _mourn(self, child: Child, now: float) -> None:
        self._child = None
        self._wait(child.last_words(), now)

    def _wait(self, reason: str, now: float) -> None:
        self._deaths += 1
        self._due_at = now + delay(self._deaths)
        self._became(State.WAITING, pid=None)
        self.status = replace(self.status, reason=reason)

    def _became(self, state: State, *, pid: int | None) -> None:
        self.status = replace(self.status, state=state, pid=pid, since=datetime.now(UTC))
