"""Starts a worker or beat, in this process: python -m worker.run worker --queues health,notify …

Celery's own command line does the same and loads what only its other commands need: 8 MB in each process.
"""

import argparse
import os
import signal
import threading
from collections.abc import Sequence
from typing import Any

import structlog
from celery.apps.beat import Beat
from celery.beat import Service
from celery.signals import worker_ready

from worker.celery import app

log = structlog.get_logger()


def main(words: Sequence[str] | None = None) -> int:
    """Run until a signal ends it; the exit code is Celery's."""
    arguments = _arguments(words)
    if arguments.program == "beat":
        Beat(app=app, loglevel=arguments.loglevel, quiet=True).run()
        return 0
    if arguments.with_beat:
        worker_ready.connect(_tell_time, weak=False)
    worker = app.Worker(
        hostname=arguments.hostname,
        queues=arguments.queues,
        pool_cls=arguments.pool,
        concurrency=arguments.concurrency,
        loglevel=arguments.loglevel,
        # Neighbours that watch each other are of no use to us.
        without_gossip=True,
        without_mingle=True,
        quiet=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m worker.run", description=__doc__)
    parser.add_argument("program", choices=["worker", "beat"])
    parser.add_argument("--hostname", help="the name of the worker")
    parser.add_argument("--queues", help="which queues it works on, separated by commas")
    parser.add_argument("--pool", choices=["threads", "solo"], default="threads")
    parser.add_argument("--concurrency", type=int, default=1, help="how many tasks at the same time")
    parser.add_argument("--with-beat", action="store_true", help="say when, too, in a thread")
    parser.add_argument("--loglevel", default="info")
    return parser.parse_args(words)


def _tell_time(**_: Any) -> None:
    """Start beat as a thread: on one host, a process of its own costs more than all that it does."""
    threading.Thread(target=_beat, name="beat", daemon=True).start()


def _beat() -> None:
    try:
        Service(app, scheduler_cls=app.conf.beat_scheduler).start()
    except Exception:
        log.exception("beat.broken")
    finally:
        # Half of the two would be a monitor that looks alive and reads nothing.
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    raise SystemExit(main())
