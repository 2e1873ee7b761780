"""`tocsin metrics`: what Prometheus reads about all of Tocsin, served or printed."""

import signal
import sys
from contextlib import closing
from typing import Annotated

import typer

from cli.context import load_settings
from cli.group import single
from cli.logs import log_beside_the_result
from cli.output import say
from cli.servers import located

app = single()


@app.command(epilog="Example: METRICS_ADDRESS=0.0.0.0 tocsin metrics")
def metrics(
    *,
    once: Annotated[bool, typer.Option("--once", help="Print what a scrape would get, and end.")] = False,
) -> None:
    """Serve metrics of all of Tocsin for Prometheus, in the foreground.

    They stand at /metrics on METRICS_ADDRESS and METRICS_PORT. `tocsin up` serves them too.
    """
    # They take a while to import, and the help does without them.
    from cli.startup import metrics_server
    from exporter import exposition

    settings = located(load_settings())
    log_beside_the_result()
    if once:
        with closing(metrics_server.sources(settings)) as sources:
            sys.stdout.write(exposition(sources))
        return
    server = metrics_server.start(settings)
    say(f"The metrics are at {server.url}.")
    sys.stdout.flush()
    # A container is stopped by this signal, and an orderly end has nothing to save.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server.wait()
