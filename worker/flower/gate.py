"""The handlers that stand between Flower's API and the workers."""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from celery.result import AsyncResult
from flower.api import tasks
from flower.views import BaseHandler, monitor
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError
from tornado import web

from worker.celery import app
from worker.flower.requests import LONGEST_WAIT_S, Denied, Wish, wish
from worker.tasks.arguments import Refused
from worker.tasks.conduct import TaskFailed

AWAY = "Redis cannot be reached, so nothing was started; see tocsin status"
LOST = "Redis cannot be reached any more, so the result is not known; later, tocsin runs show {} has it"

# How often Redis is asked whether somebody's run has ended.
LOOK_S = 0.2

# Their message says all there is to say.
FORESEEN = (Refused.__name__, TaskFailed.__name__)

# What Flower could do to a worker and may not, each with the reason and the way that is left.
CLOSED = {
    r"/api/worker/shutdown/(.+)": "a worker that is shut down here stays down; stop it where it was started",
    r"/api/worker/pool/restart/(.+)": "it ends what is running; restart the worker where it was started",
    r"/api/worker/pool/grow/(.+)": "the size of a pool is set by tocsin worker --concurrency",
    r"/api/worker/pool/shrink/(.+)": "the size of a pool is set by tocsin worker --concurrency",
    r"/api/worker/pool/autoscale/(.+)": "the size of a pool is set by tocsin worker --concurrency",
    r"/api/worker/queue/add-consumer/(.+)": "the queues of a worker are set by tocsin worker --queues",
    r"/api/worker/queue/cancel-consumer/(.+)": "a worker that takes nothing from its queue looks alive",
    r"/api/task/timeout/(.+)": "how long a task may run is set in its code; -1 would kill whoever runs it",
    r"/api/task/rate-limit/(.+)": "a limit would hold up alerts until the worker is restarted",
    r"/api/task/abort/(.+)": "no task of Tocsin looks at it",
    r"/api/task/revoke/(.+)": "a task that is due may not be called off, and one that runs ends by its limit",
}


class Gate(BaseHandler):  # type: ignore[misc] # Flower carries no types
    """The base of our handlers: what is denied is answered with its sentence."""

    @property
    def user(self) -> str:
        """Who has logged in."""
        return user_of(self.request.headers)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        denied = (kwargs.get("exc_info") or (None, None))[1]
        if not isinstance(denied, Denied):
            super().write_error(status_code, **kwargs)
            return
        self.set_status(denied.status)
        self.set_header("Content-Type", "text/plain; charset=UTF-8")
        self.finish(denied.sentence + "\n")

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, Denied):
            super().log_exception(typ, value, tb)


class Closed(Gate):
    """A way into the workers that is closed."""

    def initialize(self, why: str) -> None:
        self.why = why

    @web.authenticated
    def post(self, _: str) -> None:
        raise Denied(403, f"this is not done from Flower: {self.why}")


class Start(Gate):
    """`async-apply` and `send-task`: ask for a run and answer its id."""

    @web.authenticated
    async def post(self, task: str) -> None:
        asked = wish(task, self.request.body, datetime.now(UTC))
        result = await published(asked, self.user)
        self.write({"task-id": result.id, "state": "PENDING"})


class StartAndWait(Gate):
    """`apply`: ask for a run and answer what came of it."""

    @web.authenticated
    async def post(self, task: str) -> None:
        asked = wish(task, self.request.body, datetime.now(UTC))
        result = await published(asked, self.user)
        wait_s = LONGEST_WAIT_S if asked.wait_s is None else asked.wait_s
        self.write(await _outcome(result, wait_s))


class Result(tasks.TaskResult):  # type: ignore[misc] # as above
    """A result as a person can read it: a failure that was foreseen is its sentence, without a traceback."""

    def prepare(self) -> None:
        super().prepare()
        # Flower asks the current app, and its page for a fault of its own makes another one current.
        app.set_current()

    def update_response_result(self, response: dict[str, Any], result: Any) -> None:
        super().update_response_result(response, result)
        if type(result.result).__name__ in FORESEEN:
            response.update(result=sentence(result.result), traceback=None)


class Metrics(monitor.Metrics):  # type: ignore[misc] # as above
    """Flower's figures, behind the login like everything else."""

    @web.authenticated
    async def get(self) -> None:
        await super().get()


async def published(asked: Wish, user: str) -> Any:
    """Send the message of a wish and answer Celery's result; raises Denied when Redis is away."""
    task = app.tasks[asked.job.name]
    headers = {"origin": f"{user} in Flower"}
    try:
        return await asyncio.to_thread(task.apply_async, kwargs=asked.told.plain(), headers=headers)
    except (OperationalError, RedisError, RuntimeError):
        # The last is how Celery says that it cannot listen for the result.
        raise Denied(503, AWAY) from None


def user_of(headers: Mapping[str, str]) -> str:
    """Who has logged in with a password; the login itself has been checked before."""
    try:
        user = b64decode(headers.get("Authorization", "").partition(" ")[2]).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        user = ""
    return user or "somebody"


def sentence(error: object) -> str:
    """What a failed run says of itself."""
    return f"{type(error).__name__}: {error}"


async def _outcome(result: AsyncResult[Any], wait_s: float) -> dict[str, Any]:
    """What came of a run, or how it stands after so long; whoever waits takes no thread from others."""
    until = monotonic() + wait_s
    try:
        # What is waited for happens in another process.
        while not await asyncio.to_thread(result.ready) and monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(LOOK_S)
    except RedisError:
        raise Denied(503, LOST.format(result.id)) from None
    answer: dict[str, Any] = {"task-id": result.id, "state": result.state}
    if not result.ready():
        return answer
    value: object = result.result
    return answer | {"result": sentence(value) if isinstance(value, BaseException) else value}
