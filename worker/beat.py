"""Beat's clock: when it is set back, the schedule begins anew; and what is not due yet is slept for.

Stock beat keeps the next times in a heap and asks nothing before the first of them has come; after an hour
back, nothing is sent for an hour (celery/beat.py, Scheduler.tick). It also wakes 10 ms before each of them
and asks without a pause until it has come, which took more CPU than all its sending.
"""

import time
from typing import Any

from celery.beat import Scheduler

# What a clock that is being slewed, or two readings of it, may differ without having been set.
TOLERATED_S = 1.0


class SteadyScheduler(Scheduler):
    """Stock beat that notices within a loop, which takes seconds at most, that its clock was set back."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._latest = float("-inf")
        super().__init__(*arguments, **options)

    def tick(self, *arguments: Any, **options: Any) -> float:
        now = time.time()
        if now < self._latest - TOLERATED_S:
            self._begin_anew()
        self._latest = now
        return float(super().tick(*arguments, **options))

    def adjust(self, n: float, drift: float = 0.0) -> float:
        """So many seconds as they are: whoever sleeps up to a tick is late by less than a millisecond."""
        return n + drift

    def schedules_equal(self, *_: Any, **__: Any) -> bool:
        """Ours lies in the code and is the same for ever: it need not be compared at each look."""
        return True

    def _begin_anew(self) -> None:
        for entry in self.schedule.values():
            now = entry.default_now()
            entry.last_run_at = min(entry.last_run_at or now, now)
        self._heap = None
