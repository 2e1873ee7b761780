"""Which tasks have run too long, where tasks are threads: a thread cannot be killed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Running:
    """A task at work: its name, and on the monotonic clock when it began and until when it may take."""

    task: str
    began: float
    until: float


class Limits:
    """The tasks that run in this process, by their ids; times are seconds of the monotonic clock."""

    def __init__(self) -> None:
        self._running: dict[str, Running] = {}

    def begin(self, task_id: str, task: str, now: float, hard_limit: float) -> None:
        self._running[task_id] = Running(task, now, now + hard_limit)

    def end(self, task_id: str) -> None:
        self._running.pop(task_id, None)

    def hung(self, now: float) -> Running | None:
        """A task that is past its hard limit, if there is one: nothing but the end of the process ends it."""
        return next((one for one in list(self._running.values()) if now > one.until), None)
