"""Recording beside collecting, in a thread of its own, so that no tick waits for Postgres."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

log = structlog.get_logger()

# A Postgres that is frozen answers nothing and closes nothing; the tick goes on without it.
PATIENCE = timedelta(seconds=2)


@dataclass
class Drain:
    """Runs one recording at a time; a call that finds one under way waits for that one and begins none."""

    patience: timedelta = PATIENCE
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "recorder"))
    _running: Future[None] | None = None

    def run(self, work: Callable[[], None]) -> bool:
        """Whether the recording is done within the patience; it goes on if it is not.

        Raises what the work raised.
        """
        if self._running is None or self._running.done():
            self._running = self._thread.submit(copy_context().run, work)
        try:
            self._running.result(self.patience.total_seconds())
        except TimeoutError:
            log.warning("recording.slow", waited_s=self.patience.total_seconds())
            return False
        return True
