"""`tocsin collector`, `worker`, `beat`, `flower`, `watchdog`: one process each, for containers or systemd."""

import difflib
import os
import sys
from collections.abc import Mapping
from typing import Annotated, NoReturn

import typer

import tracing
from cli.context import load_policy, load_settings
from cli.errors import USAGE, CommandError
from cli.group import single
from cli.output import say
from cli.servers import database_url, located, redis_url, running_database, running_redis
from cli.startup import flower_access, programs
from cli.startup.redis_start import wait_until_it_is_fit
from domain.queues import SHARED
from settings import Settings, environment

collector = single()
worker = single()
beat = single()
flower = single()
watchdog = single()

# A collector is started by a command of its own, because it runs once on every host.


@collector.command(epilog="Example: REDIS_URL=redis://10.0.0.5:6379/0 tocsin collector")
def collector_() -> None:
    """Read this machine every few seconds, in the foreground.

    It needs Redis. Where it can reach Postgres, it stores what waits there as well.
    """
    settings = _checked(load_settings())
    if settings.database_url:
        _wait(settings, start_without=True)
    _become(programs.collector(settings), programs.environment(environment(), settings))


@worker.command(epilog="Example: tocsin worker --queues chores --concurrency 1")
def worker_(
    *,
    queues: Annotated[
        str, typer.Option(help=f"Which queues to work on, separated by commas: {', '.join(SHARED)}.")
    ] = ",".join(programs.QUEUES),
    concurrency: Annotated[
        int, typer.Option(min=1, max=64, help="How many tasks to run at the same time.")
    ] = programs.CONCURRENCY,
) -> None:
    """Check health and tell people, in the foreground.

    The queue chores wants a worker of its own, or people wait for a roll-up.
    """
    wanted = _queues(queues)
    settings = _checked(located(load_settings()))
    name = "worker" if wanted == programs.QUEUES else "-".join(wanted)
    _wait(settings)
    argv = programs.worker(settings, queues=wanted, concurrency=concurrency, name=name)
    _become(argv, programs.environment(environment(), settings))


@beat.command(epilog="Example: tocsin beat")
def beat_() -> None:
    """Start every task when its time has come, in the foreground.

    A second one, elsewhere, is harmless.
    """
    settings = _checked(load_settings())
    _become(programs.beat(settings), programs.environment(environment(), settings))


@flower.command(epilog="Example: FLOWER_ADDRESS=0.0.0.0 tocsin flower")
def flower_() -> None:
    """Show tasks and workers on a web page, in the foreground.

    It asks for FLOWER_USERNAME and FLOWER_PASSWORD, or a password that lies in TOCSIN_HOME.
    """
    settings = _checked(load_settings())
    access = flower_access.access(settings)
    say(f"Flower listens on {access.url}; log in as {access.username} with the password in {access.source}.")
    env = programs.environment(environment(), settings)
    _become(programs.flower(access), programs.flower_environment(env, access))


@watchdog.command(epilog="Example: WATCHDOG_PING_URL=https://ping.example.com/my-check tocsin watchdog")
def watchdog_() -> None:
    """Watch Tocsin itself, tell people when a part of it stops, and do its work meanwhile.

    It needs Postgres, and the way to people. Neither Redis nor Postgres has to run for it to start.
    """
    settings = load_settings()
    load_policy(settings)
    found = {"redis_url": running_redis(settings), "database_url": database_url(settings)}
    settings = Settings.model_validate(dict(settings) | {name: url for name, url in found.items() if url})
    _wait(settings, start_without=True)
    _become(programs.watchdog(), programs.environment(environment(), settings))


def _checked(settings: Settings) -> Settings:
    """The settings with the servers that can be found; Redis is fit, and the rules are without a mistake."""
    tracing.check(settings)
    load_policy(settings)
    found = {"redis_url": redis_url(settings), "database_url": running_database(settings)}
    wait_until_it_is_fit(redis_url(settings), _say_now)
    return Settings.model_validate(dict(settings) | {name: url for name, url in found.items() if url})


def _queues(text: str) -> tuple[str, ...]:
    queues = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    for queue in queues:
        if queue not in SHARED:
            near = difflib.get_close_matches(queue, SHARED, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(SHARED)}"
            raise CommandError(f"--queues: there is no queue {queue!r}", meant, USAGE)
    if not queues:
        raise CommandError("--queues: it names no queue", f"there are {', '.join(SHARED)}", USAGE)
    return queues


def _wait(settings: Settings, *, start_without: bool = False) -> None:
    # Alembic takes most of a second to import, and beat and Flower do without it.
    from cli.schema import wait_until_it_fits

    if settings.database_url:
        url = settings.database_url.get_secret_value()
        wait_until_it_fits(url, _say_now, start_without=start_without)


def _say_now(sentence: str) -> None:
    say(sentence)
    sys.stdout.flush()


def _become(argv: tuple[str, ...], env: Mapping[str, str]) -> NoReturn:
    """Become the program, with our pid, so that whoever stops us stops it."""
    sys.stdout.flush()
    os.chdir(programs.NEUTRAL)
    os.execve(argv[0], argv, env)  # noqa: S606 - a list of our own making, no shell reads it
