"""Whether the watchdog was paused itself: mostly with its machine, and all the rest with it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# A virtual machine that is moved stands still for seconds. What is paused for less is not yet called dead.
PAUSE = timedelta(seconds=10)


@dataclass
class Rhythm:
    """The looks in their order, on the database's clock, and when the next one was to be expected."""

    _looked_at: datetime | None = None
    _expected_after_s: float = 0.0

    def was_paused(self, at: datetime, *, turn_s: float) -> bool:
        """Whether much more time lies between this look and the last than the watchdog has slept and worked.

        `turn_s` is how long the turn of this look has taken so far: a database that is slow is no pause.
        """
        before, self._looked_at = self._looked_at, at
        expected = timedelta(seconds=self._expected_after_s + turn_s)
        return before is not None and at - before > expected + PAUSE

    def rest(self, *, turn_s: float, next_look_s: float) -> None:
        """A turn is over; the next begins after so many seconds."""
        self._expected_after_s = turn_s + next_look_s
