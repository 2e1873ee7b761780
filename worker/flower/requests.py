"""What Flower may ask of a worker: a known task for people, arguments that make sense, and nothing else."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from settings import shown
from worker.tasks.arguments import Arguments, Refused
from worker.tasks.jobs import JOBS, Job, for_people

# Nothing that a task is told comes near to it.
MOST_BYTES = 64 * 1024
LONGEST_WAIT_S = 600.0


class Denied(Exception):  # noqa: N818 - it says what is the case
    """The request is not passed on: an HTTP status, and one sentence for who made it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Wish:
    """A task to start and what it is told; `wait_s` is for how long its result is waited for, if at all."""

    job: Job[Any]
    told: Arguments
    wait_s: float | None = None


def wish(task: str, body: bytes, now: datetime) -> Wish:
    """Read a request of Flower's API; raises Denied.

    The body may be empty, or an object with `kwargs` and, for the call that waits, `timeout` in seconds.
    """
    job = startable(task)
    asked = _object(body)
    if asked.pop("args", None):
        raise Denied(400, "args: arguments are given by name, in kwargs")
    kwargs, wait = asked.pop("kwargs", None) or {}, asked.pop("timeout", None)
    if asked:
        raise Denied(400, f"{_names(asked)}: Celery's own options are not passed on; give kwargs and no more")
    if not isinstance(kwargs, dict):
        raise Denied(400, 'kwargs: it is no object; write {"kwargs": {"name": "value"}}')
    return Wish(job, _told(job, kwargs, now), _seconds(wait))


def startable(task: str) -> Job[Any]:
    """The task of this name, which people may start; raises Denied for any other."""
    job = JOBS.get(task)
    if job is None:
        near = difflib.get_close_matches(task, for_people(), 1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(for_people())}"
        raise Denied(404, f"{shown(task)[1:-1]}: there is no such task; {meant}")
    if job.internal:
        raise Denied(403, f"{task} is not started by hand: {job.internal}")
    return job


def check_size(body: bytes) -> None:
    """Raise Denied for a request that nobody means."""
    if len(body) > MOST_BYTES:
        raise Denied(413, f"the request has {len(body):,} bytes; {MOST_BYTES:,} are more than any task needs")


def _object(body: bytes) -> dict[str, Any]:
    check_size(body)
    try:
        asked = json.loads(body) if body else {}
    except (ValueError, RecursionError):
        raise Denied(400, "the body is no JSON, or nested too deeply; send an object with kwargs") from None
    if not isinstance(asked, dict):
        raise Denied(400, 'the body is no object; write {"kwargs": {"name": "value"}}')
    return asked


def _told(job: Job[Any], kwargs: Mapping[str, object], now: datetime) -> Arguments:
    try:
        told: Arguments = job.arguments.told(kwargs, now)
    except Refused as refused:
        raise Denied(400, str(refused)) from None
    return told


def _seconds(wait: object) -> float | None:
    if wait is None:
        return None
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not 0 <= wait <= LONGEST_WAIT_S:
        raise Denied(400, f"timeout: it is no number of seconds from 0 to {LONGEST_WAIT_S:.0f}")
    return float(wait)


def _names(asked: Mapping[str, object]) -> str:
    return ", ".join(shown(name)[1:-1] for name in list(asked)[:5])
