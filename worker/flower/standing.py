"""How a run stands, for the page that shows one: Celery knows for a day, and the ledger for ever."""

from dataclasses import dataclass
from typing import Any

from celery.result import AsyncResult
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from worker import runs
from worker.celery import app
from worker.resources import resources
from worker.results import lines
from worker.tasks.arguments import Refused

AGAIN = "this page looks again every 2 seconds"
LOOKS = {"running": "waiting"}
WORDS = {
    "running": f"running; {AGAIN}",
    "refused": "refused, and nothing was changed",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """How a run stands; `look` is how that is painted, `words` says it."""

    name: str | None
    look: str
    words: str
    failure: str | None = None
    answer: tuple[tuple[str, str], ...] = ()
    waiting: bool = False


WAITING = Seen(None, "waiting", f"no worker has begun it yet; {AGAIN}", waiting=True)


def look(task_id: str) -> Seen:
    """How a run stands, from Celery, and from the ledger where Redis has forgotten it or is away."""
    try:
        result: AsyncResult[Any] = app.AsyncResult(task_id)
        return _of_celery(result) or _of_ledger(task_id) or WAITING
    except (RedisError, OperationalError):
        return _of_ledger(task_id) or WAITING


def _of_celery(result: AsyncResult[Any]) -> Seen | None:
    """None for what Celery does not know, or does not know any more."""
    state, value = result.state, result.result
    match state:
        case "SUCCESS" if isinstance(value, dict) and "skipped" in value:
            return _seen(result.name, "skipped", value["skipped"], value)
        case "SUCCESS":
            return _seen(result.name, "done", None, value)
        case "FAILURE" if isinstance(value, Refused):
            return _seen(result.name, "refused", str(value), None)
        case "FAILURE" | "REVOKED":
            return _seen(result.name, "failed", str(value), None)
        case "STARTED":
            return _seen(result.name, "running", None, None)
    return None


def _of_ledger(task_id: str) -> Seen | None:
    engine = resources().engine
    if engine is None:
        return None
    try:
        with engine.connect() as connection:
            found = runs.one(connection, task_id)
    except SQLAlchemyError:
        return None
    return found and _seen(found[0].task, found[0].outcome, found[0].said, found[1])


def _seen(task: str | None, outcome: str, said: str | None, result: object) -> Seen:
    return Seen(
        name=task,
        look=LOOKS.get(outcome, outcome),
        words=f"skipped: {said}" if outcome == "skipped" else WORDS.get(outcome, outcome),
        failure=said if outcome in {"refused", "failed"} else None,
        answer=tuple(lines(result)) if outcome == "done" else (),
        waiting=outcome == "running",
    )
