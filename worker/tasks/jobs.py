"""What a task is, apart from Celery: its name, what it may be told, and its work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from beat_schedule import CANARIES, ENTRIES, FREQUENT
from worker.resources import Resources
from worker.tasks.arguments import Arguments

A = TypeVar("A", bound=Arguments)

# Who starts a task when its time has come; such a run claims the tick, so that it runs once.
SCHEDULERS = ("beat", "watchdog")
# What starts one because something has happened.
EVENTS = ("an alert",)

# Those that people cannot start from Flower or by `tocsin run`, and why; all others are for people.
INTERNAL = {
    "collect.system": "every host does it every 5 s; tocsin collect reads one host and shows what it saw",
    "collect.processes": "every host does it every 30 s; tocsin collect --processes shows what it sees",
    "record.samples": "it runs every 5 s, and a run by hand stores nothing that the next would not",
    **{entry.task: "it only shows that its queue is worked on; tocsin status says so" for entry in CANARIES},
}

# Those that leave no line for a run that went well, and why.
UNWRITTEN = {
    "collect.system": "its samples are its ledger: one row for each host and slot",
    "collect.processes": "as collect.system",
}


@dataclass(frozen=True, slots=True)
class Order(Generic[A]):
    """One request to run a task: what it was told, and by whom."""

    told: A
    origin: str

    @property
    def scheduled(self) -> bool:
        return self.origin in SCHEDULERS


@dataclass(frozen=True, slots=True)
class Job(Generic[A]):
    """A task; `work` does it and answers with a frozen value that becomes the result.

    A `lasting` one may run for longer than two of its intervals, as when a mail server is slow: that it came
    through its queue is noted when it begins and not only when it ends.
    """

    name: str
    arguments: type[A]
    work: Callable[[Resources, Order[A]], Any]
    lasting: bool = False

    @property
    def summary(self) -> str:
        """What it is for: the first paragraph of its docstring."""
        return " ".join((self.work.__doc__ or "").strip().split("\n\n")[0].split())

    @property
    def internal(self) -> str | None:
        """Why people cannot start it; None for those that they can."""
        return INTERNAL.get(self.name)

    @property
    def frequent(self) -> bool:
        """Whether beat starts it so often that only totals are kept of what beat starts."""
        return self.name in FREQUENT


CHORES = {entry.task: entry for entry in ENTRIES if entry.chore}

# Every task by its name, entered where it is declared.
JOBS: dict[str, Job[Any]] = {}


def masked(task: str, given: Mapping[str, object]) -> dict[str, Any]:
    """What a task was told as it may be shown and kept; of an unknown task nothing is."""
    job = JOBS.get(task)
    return (job.arguments if job else Arguments).masked(given)


def for_people() -> Mapping[str, Job[Any]]:
    """The tasks that people may start, by their names in order."""
    return {name: JOBS[name] for name in sorted(JOBS) if JOBS[name].internal is None}
