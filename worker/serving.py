"""A worker and a beat as they run: Celery's programs, without Celery's command line."""

import gc
import os
import signal
import threading
from typing import Any

import structlog
from celery.apps.beat import Beat
from celery.beat import Service
from celery.signals import worker_ready

from beat_schedule import SCHEDULE
from worker.celery import app

log = structlog.get_logger()

HEARTBEAT_S = 20


def work(*, hostname: str, queues: str, pool: str, concurrency: int, loglevel: str, with_beat: bool) -> int:
    """Work on queues, separated by commas, until a signal ends it; answer Celery's exit code."""
    if with_beat:
        worker_ready.connect(_tell_time, weak=False)
    worker_ready.connect(_settle, weak=False)
    worker = app.Worker(
        hostname=hostname,
        queues=queues,
        pool_cls=pool,
        concurrency=concurrency,
        loglevel=loglevel,
        # Neighbours that watch each other are of no use to us.
        without_gossip=True,
        without_mingle=True,
        # Flower hears it; whether a worker does its work is seen elsewhere.
        heartbeat_interval=HEARTBEAT_S,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def tell_time(*, loglevel: str) -> None:
    """Be beat until a signal ends it."""
    Beat(app=app, loglevel=loglevel, quiet=True).run()


def _tell_time(**_: Any) -> None:
    """Start beat as a thread: on one host, a process of its own costs more than all that it does.

    The recording is the collector's, which is here as well and takes all from the stream at each tick.
    """
    app.conf.beat_schedule = {name: entry for name, entry in SCHEDULE.items() if name != "record.samples"}
    threading.Thread(target=_beat, name="beat", daemon=True).start()


def _settle(**_: Any) -> None:
    """What is there by now stays for ever: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def _beat() -> None:
    try:
        Service(app, scheduler_cls=app.conf.beat_scheduler).start()
    except Exception:
        log.exception("beat.broken")
    finally:
        # Half of the two would be a monitor that looks alive and reads nothing.
        os.kill(os.getpid(), signal.SIGTERM)
