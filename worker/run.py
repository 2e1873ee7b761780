"""Starts a worker or beat, in this process: python -m worker.run worker --queues health,notify …

Celery's own command line does the same, and loads what only its other commands need.
"""

import argparse
from collections.abc import Sequence

import settings
from worker import left_out


def main(words: Sequence[str] | None = None) -> int:
    """Run until a signal ends it; the exit code is Celery's."""
    arguments = _arguments(words)
    configured = settings.load(settings.environment())
    left_out.of_this_process(traced=configured.otel_exporter_otlp_endpoint is not None)
    from worker import logs, serving

    # Celery would do it too, after it has warned of what it does not like.
    logs.set_up(configured)
    if arguments.program == "beat":
        serving.tell_time(loglevel=arguments.loglevel)
        return 0
    return serving.work(
        hostname=arguments.hostname,
        queues=arguments.queues,
        pool=arguments.pool,
        concurrency=arguments.concurrency,
        loglevel=arguments.loglevel,
        with_beat=arguments.with_beat,
    )


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


if __name__ == "__main__":
    raise SystemExit(main())
