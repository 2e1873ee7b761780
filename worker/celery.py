"""The Celery app: queues, limits, and the one way that every message takes to a worker."""

from typing import Any

from celery import Celery
from celery.signals import after_task_publish, beat_init, heartbeat_sent, setup_logging, worker_process_init
from kombu import Exchange, Queue
from kombu.common import Broadcast

import settings
from beat_schedule import QUEUES, SCHEDULE
from worker import liveness, logs
from worker.resources import resources

# Collection belongs to a host, so every collector gets every tick. A publisher that does not declare this
# exchange has its messages pushed into the collectors' private lists, where nobody looks.
COLLECT = Exchange("collect", type="fanout")

# A task may take this long, and is then told, and then killed. Chores have limits of their own.
SOFT_LIMIT_S, HARD_LIMIT_S = 50, 60

# Longer than twice the longest chore, or Redis hands a running task to a second worker.
VISIBILITY_TIMEOUT_S = 3 * 3600


class Tocsin(Celery):
    """The app; whoever publishes a collection, by whatever means, declares its exchange."""

    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        if QUEUES.get(name) == COLLECT.name:
            options["declare"] = [COLLECT]
        return super().send_task(name, *args, **options)


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
            Broadcast("collect", exchange=COLLECT, routing_key="collect", auto_delete=True),
            *(Queue(name, Exchange(name), routing_key=name) for name in ("health", "notify", "chores")),
        ],
        "task_routes": {task: {"queue": queue} for task, queue in QUEUES.items()},
        "task_default_queue": "health",
        "task_create_missing_queues": False,
        "beat_schedule": SCHEDULE,
        "beat_scheduler": "worker.beat:SteadyScheduler",
        "beat_max_loop_interval": 1,
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
            "socket_timeout": 30,
        },
        "task_publish_retry_policy": {"max_retries": 3, "interval_start": 0, "interval_step": 0.2},
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_send_task_events": True,
        "task_send_sent_event": True,
        "worker_redirect_stdouts": False,
        "worker_hijack_root_logger": False,
    }


app = Tocsin("tocsin", include=["worker.tasks"])
app.add_defaults(_configuration)


@setup_logging.connect
def _set_up_logs(**_: object) -> None:
    logs.set_up(settings.load(settings.environment()))


@worker_process_init.connect
def _forget_inherited_connections(**_: object) -> None:
    # A connection shared over a fork mixes up the answers of two processes.
    resources.cache_clear()


@heartbeat_sent.connect
def _show_life(**_: object) -> None:
    # A worker sends it every 2 s from its main loop, and only while it has a connection to Redis.
    liveness.show(resources().settings.tocsin_home)


@beat_init.connect
def _show_life_with_every_tick(**_: object) -> None:
    # Beat lives as long as its messages reach Redis. Whoever else publishes says nothing about itself.
    after_task_publish.connect(_show_life)
