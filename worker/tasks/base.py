"""How a task is declared to Celery, and what Celery is told of how a run ended."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from celery import Task
from celery.utils.time import maybe_iso8601, maybe_make_aware

import tracing
from beat_schedule import FREQUENT
from models.deadline import deadline
from worker.celery import SOFT_LIMIT_S, app
from worker.resources import Resources
from worker.tasks.arguments import Refused
from worker.tasks.conduct import Starter, TaskFailed, conduct
from worker.tasks.jobs import JOBS, A, Job, Order

__all__ = ["Refused", "TaskFailed", "declare"]

# A backfill of a month may take its time; one that hangs is ended before Redis hands it out again.
CHORE_SOFT_LIMIT_S, CHORE_LIMIT_S = 3300, 3600

# How Celery names whoever sends a message and says not who it is, as `celery call`: gen6470@web-1.
NOBODY = re.compile(r"gen(?P<process>\d+)@(?P<host>.+)")


class TocsinTask(Task):  # type: ignore[type-arg] # the stubs make it generic, Celery does not
    """The base of every task."""

    abstract = True
    Request = "worker.tasks.message:Message"
    # The task says itself what is wrong with its arguments, and to whom.
    typing = False
    # Expected failures are one line in the log, not a traceback.
    throws = (TaskFailed, Refused)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        patience = deadline(self.soft_time_limit or SOFT_LIMIT_S)
        asked_for = getattr(self.request, "traceparent", None)
        with (
            structlog.contextvars.bound_contextvars(task=self.name, task_id=self.request.id),
            tracing.span(self.name, "consumer", parent=asked_for, about={"tocsin.origin": self.origin}),
            patience,
        ):
            by = Starter(self.origin, self.request.id, self.ends)
            return conduct(JOBS[self.name], by, kwargs, args)

    @property
    def origin(self) -> str:
        """Who or what started this run."""
        origin = str(getattr(self.request, "origin", None) or "hand")
        unnamed = NOBODY.fullmatch(origin)
        return f"celery on {unnamed['host']} (process {unnamed['process']})" if unnamed else origin

    @property
    def ends(self) -> datetime | None:
        """When the message that asked for this run is no longer worth running, in UTC; Celery has read it."""
        said: Any = self.request.expires
        at = maybe_iso8601(said)
        return at and maybe_make_aware(at)

    def on_failure(self, exc: Exception, *further: Any) -> None:
        """Show people in Flower the sentence, and no traceback below it; Celery's `einfo` comes last."""
        if isinstance(exc, self.throws):
            further[-1].traceback = str(exc)


def declare(
    name: str, arguments: type[A], *, lasting: bool = False
) -> Callable[[Callable[[Resources, Order[A]], Any]], Any]:
    """Declare a task: `work` gets the resources and the order, and answers with what it did.

    Its first paragraph of docstring is what people read about it. Answers Celery's task.
    """

    def declared(work: Callable[[Resources, Order[A]], Any]) -> Any:
        JOBS[name] = Job(name, arguments, work, lasting)
        task: Any = app.task
        return task(name=name, base=TocsinTask, **_limits(name))(work)

    return declared


def _limits(name: str) -> dict[str, Any]:
    if name in FREQUENT:
        return {"ignore_result": False}
    return {"ignore_result": False, "soft_time_limit": CHORE_SOFT_LIMIT_S, "time_limit": CHORE_LIMIT_S}
