"""A message as a worker takes it; Celery looks this class up by its name."""

from typing import Any

from celery.worker.request import Request

from worker.celery import COLLECT


class Message(Request):
    """How long a task may run is the task's own affair, whatever the message says.

    Whoever can publish could otherwise send `time_limit: -1`, which kills the process that runs it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time_limits = (None, None)

    def acknowledge(self) -> None:
        """Tell Redis that it is done; not of a tick, which it has never kept: four commands each time."""
        if self.delivery_info.get("exchange") == COLLECT.name:
            self.acknowledged = True
        else:
            super().acknowledge()
