"""The Celery app: queues, limits, and the one way that every message takes to a worker."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from celery import Celery, bootsteps
from celery.signals import (
    after_task_publish,
    beat_init,
    celeryd_init,
    setup_logging,
    task_postrun,
    task_prerun,
    worker_shutdown,
)
from kombu import Exchange, Queue
from kombu.common import Broadcast
from redis.exceptions import RedisError

import settings
import tracing
from beat_schedule import QUEUES, SCHEDULE
from domain.cadence import SAMPLE_INTERVAL
from worker import liveness, logs, redis_fitness, uncaught
from worker.limits import Limits
from worker.resources import resources
from worker.transport import Messages

# Collection belongs to a host, so every collector gets every tick. A publisher that does not declare this
# exchange has its messages pushed into the collectors' private lists, where nobody looks.
COLLECT = Exchange("collect", type="fanout")

# A task may wait this long for Postgres, and then fails; and take this long, and then its process
# ends. Chores have limits of their own.
SOFT_LIMIT_S, HARD_LIMIT_S = 50, 60

# A container's health is judged by a file that is up to a minute old.
LOOK_S = 10.0

# A worker that waits asks Redis again after so long; what comes meanwhile ends the wait at once. To stop, it
# lets the wait come to its end.
WAIT_S = 5

# Longer than twice the longest chore, or Redis hands a running one to a second worker.
VISIBILITY_TIMEOUT_S = 3 * 3600


log = structlog.get_logger()


class Tocsin(Celery):
    """The app; whoever publishes a collection, by whatever means, declares its exchange."""

    amqp_cls = Messages  # type: ignore[assignment] # Celery takes a class as well as its name

    def send_task(
        self, name: str, args: Any = None, kwargs: Any = None, *further: Any, **options: Any
    ) -> Any:
        if QUEUES.get(name) == COLLECT.name:
            options["declare"] = [COLLECT]
        if args or kwargs:
            # Flower shows and keeps what it is shown; tasks import this module, so it finds them late.
            from worker.tasks.jobs import masked

            options |= {
                "argsrepr": f"{len(args or ())} not shown",
                "kwargsrepr": repr(masked(name, kwargs or {})),
            }
        # For whoever wants to know how long a message has waited: Celery does not say when it was sent.
        headers = {"sent_at": datetime.now(UTC).isoformat()} | (options.get("headers") or {})
        with tracing.span(f"send {name}", "producer") as span:
            if span.traceparent:
                headers["traceparent"] = span.traceparent
            options["headers"] = headers
            return super().send_task(name, args, kwargs, *further, **options)


def _configuration() -> dict[str, Any]:
    """Everything that Celery wants to know; read when it is first needed, not when this is imported."""
    where = settings.load(settings.environment()).broker_url
    if where is None:
        problem = settings.Problem("REDIS_URL", "it is not set, and Celery needs it", "set it to your Redis")
        raise settings.SettingsError([problem])
    return {
        "broker_url": where.get_secret_value(),
        "result_backend": where.get_secret_value(),
        "task_queues": [
            # A tick is worth nothing a tick later, so none is kept to be given out again.
            Broadcast("collect", exchange=COLLECT, routing_key="collect", auto_delete=True, no_ack=True),
            *(Queue(name, Exchange(name), routing_key=name) for name in ("health", "notify", "chores")),
        ],
        "task_routes": {task: {"queue": queue} for task, queue in QUEUES.items()},
        "task_default_queue": "health",
        "task_create_missing_queues": False,
        "beat_schedule": SCHEDULE,
        "beat_scheduler": "worker.beat:SteadyScheduler",
        # Nothing is later for it: beat sleeps no longer than up to the next tick anyway.
        "beat_max_loop_interval": SAMPLE_INTERVAL.total_seconds(),
        "beat_enable_remote_control": False,
        "timezone": "UTC",
        "enable_utc": True,
        "accept_content": ["json"],
        "task_serializer": "json",
        "result_serializer": "json",
        "task_ignore_result": True,
        "result_expires": 86_400,
        "result_extended": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_track_started": True,
        "task_soft_time_limit": SOFT_LIMIT_S,
        "task_time_limit": HARD_LIMIT_S,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "unacked_restore_throttle": 1,
            # To look for what has been forgotten for hours, once in five minutes is enough.
            "unacked_restore_interval": 300,
            "polling_interval": WAIT_S,
            "socket_timeout": 30,
        },
        "task_publish_retry_policy": {"max_retries": 3, "interval_start": 0, "interval_step": 0.2},
        # What runs goes on when Redis goes away: a thread cannot be ended, and a second run does no harm.
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        # Events are a third of what a small task costs; Flower asks for them as long as it looks.
        "worker_send_task_events": False,
        "worker_redirect_stdouts": False,
        "worker_hijack_root_logger": False,
    }


app = Tocsin("tocsin", include=["worker.tasks"])
app.add_defaults(_configuration)
uncaught.speak_plainly()


@setup_logging.connect
def _set_up_logs(**_: object) -> None:
    configured = settings.load(settings.environment())
    logs.set_up(configured)
    tracing.start(configured)


@celeryd_init.connect
@beat_init.connect
def _refuse_unfit_redis(**_: object) -> None:
    """A worker or beat that somebody starts by Celery's own command meets the same Redis as any other."""
    url = resources().settings.redis_url
    if url is None:
        return
    try:
        for one in redis_fitness.wait_until_fit(url.get_secret_value(), _say_on_stderr):
            log.warning("redis.shortcoming", fault=one.fault, remedy=one.remedy)
    except redis_fitness.Unfit as unfit:
        _say_on_stderr(f"tocsin: {unfit}")
        raise SystemExit(os.EX_UNAVAILABLE) from None


def _say_on_stderr(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


running = Limits()


@task_prerun.connect
def _begin(task_id: str, task: Any, **_: object) -> None:
    running.begin(task_id, task.name, monotonic(), task.time_limit or HARD_LIMIT_S)


@task_postrun.connect
def _end(task_id: str, **_: object) -> None:
    running.end(task_id)


class Looking(bootsteps.StartStopStep):
    """Shows life from the main loop of a worker, and ends it when a task hangs beyond its limit.

    It works only while there is a connection to Redis, and begins anew with the next one.
    """

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, c: Any) -> None:
        self._timer = c.timer.call_repeatedly(LOOK_S, self._look)

    def stop(self, c: Any) -> None:
        c.timer.cancel(self._timer)

    def _look(self) -> None:
        _show_life()
        hung = running.hung(monotonic())
        if hung is not None:
            # A thread cannot be ended; whoever keeps the process running starts it anew.
            log.critical("task.hung", hung=hung.task, seconds=round(monotonic() - hung.began))
            os._exit(os.EX_SOFTWARE)


app.steps["consumer"].add(Looking)


@worker_shutdown.connect
def _write_counts(**_: object) -> None:
    with suppress(RedisError):
        resources().task_counter.write()


def _show_life(**_: object) -> None:
    liveness.show(resources().settings.tocsin_home)


@beat_init.connect
def _show_life_with_every_tick(**_: object) -> None:
    # Beat lives as long as its messages reach Redis. Whoever else publishes says nothing about itself.
    after_task_publish.connect(_show_life)
