"""Serving metrics from a command: on the port that is set, or for `tocsin up` on the next free one."""

import errno

from cli.errors import UNAVAILABLE, CommandError
from exporter import Server, Sources, serve
from exporter.postgres import open_engine
from settings import Settings
from worker.stream import connect

PORTS_TRIED = 50


def sources(settings: Settings) -> Sources:
    """Where the metrics come from; nothing is connected yet. The settings name both servers."""
    database, redis = settings.database_url, settings.redis_url
    if database is None or redis is None:
        raise ValueError("the servers have to be known before anything is asked of them")
    return Sources(open_engine(database.get_secret_value()), connect(redis.get_secret_value()))


def start(settings: Settings) -> Server:
    """Serve on the port that is set; raises CommandError when that cannot be."""
    address, port = settings.metrics_address, settings.metrics_port
    try:
        return serve(sources(settings), address, port, _token(settings))
    except OSError as error:
        raise _refused(settings, error) from None


def start_somewhere(settings: Settings) -> Server:
    """Serve on the port that is set or the next one that is free; raises CommandError when none is."""
    first = settings.metrics_port
    asked = sources(settings)
    for port in range(first, min(first + PORTS_TRIED, 65_536)):
        try:
            return serve(asked, settings.metrics_address, port, _token(settings))
        except OSError as error:
            refused = error
            if error.errno != errno.EADDRINUSE:
                break
    raise _refused(settings, refused)


def _token(settings: Settings) -> str | None:
    return settings.metrics_token.get_secret_value() if settings.metrics_token else None


def _refused(settings: Settings, error: OSError) -> CommandError:
    where = f"{settings.metrics_address} port {settings.metrics_port}"
    if error.errno == errno.EADDRINUSE:
        return CommandError(
            f"METRICS_PORT: somebody listens on {where} already",
            "end that, or set METRICS_PORT to a free port",
            UNAVAILABLE,
        )
    reason = (error.strerror or type(error).__name__).lower()
    return CommandError(
        f"METRICS_ADDRESS: nothing can be served on {where} ({reason})",
        "set METRICS_ADDRESS to an address of this machine, and METRICS_PORT to a port that you may use",
        UNAVAILABLE,
    )
