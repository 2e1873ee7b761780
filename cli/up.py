"""`tocsin up`: all of Tocsin in the foreground, with a live view; Ctrl-C ends all of it."""

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import SecretStr

import tracing
from cli.context import load_policy, load_settings
from cli.group import single
from cli.output import say
from cli.startup import starting
from cli.view.showing import show
from embedded import EmbeddedPostgres, EmbeddedRedis, Program, Supervisor
from settings import Settings

app = single()


@app.command(epilog="Example: TOCSIN_HOME=/srv/tocsin tocsin up")
def up() -> None:
    """Start everything and show what is going on. Ctrl-C stops it all.

    Postgres and Redis are started too, under TOCSIN_HOME, unless DATABASE_URL and REDIS_URL name yours.
    """
    settings = load_settings()
    tracing.check(settings)
    policy = load_policy(settings)
    with suppress(KeyboardInterrupt), _stoppable():
        settings, servers = with_servers(settings)
        with Supervisor(servers, settings.tocsin_home, stopping=_stopping) as supervisor:
            started = starting.start(supervisor, settings, policy, _say_now)
            show(supervisor, started)
    say("Stopped.")


def with_servers(settings: Settings) -> tuple[Settings, list[Program]]:
    """The settings with the addresses of the servers that we start, and how these are started."""
    found: list[Program] = []
    urls = {}
    if settings.database_url is None:
        postgres = EmbeddedPostgres(settings.tocsin_home)
        found.append(postgres.program())
        urls["database_url"] = SecretStr(postgres.url)
    if settings.redis_url is None:
        redis = EmbeddedRedis(settings.tocsin_home)
        found.append(redis.program())
        urls["redis_url"] = SecretStr(redis.url)
    _announce(found, settings.tocsin_home)
    return settings.model_copy(update=urls), found


def _announce(servers: Sequence[Program], home: Path) -> None:
    names = " and ".join(server.name.capitalize() for server in servers)
    _say_now(f"Starting {names} under {home} ..." if names else "Starting; Postgres and Redis are yours.")


def _stopping(name: str) -> None:
    # A terminal that has gone away must not keep the rest from being stopped.
    with suppress(OSError):
        _say_now(f"Stopping {name} ...")


def _say_now(sentence: str) -> None:
    say(sentence)
    sys.stdout.flush()


@contextmanager
def _stoppable() -> Iterator[None]:
    """Take a request to stop, and the end of the terminal, as Ctrl-C is taken."""
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGHUP)}
    for one in before:
        signal.signal(one, signal.default_int_handler)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
