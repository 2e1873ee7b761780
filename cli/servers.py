"""Where Postgres and Redis are: what the settings name, else what `tocsin up` runs under TOCSIN_HOME."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from redis import Redis

from cli.errors import UNAVAILABLE, CommandError
from cli.logs import log_beside_the_result
from embedded import EmbeddedPostgres, EmbeddedRedis
from embedded.postgres import SOCKET_NAME
from settings import Settings
from settings.model import Fields
from worker.stream import connect

if TYPE_CHECKING:
    from sqlalchemy import Engine


@contextmanager
def open_database(settings: Settings, purpose: str, *, start: bool = False) -> Iterator["Engine"]:
    """The way to Postgres, which connects when it is used; `purpose` is what a DBA sees of it.

    With `start`, ours is started for so long where it does not run; without, raises CommandError as
    `database_url` does.
    """
    # SQLAlchemy takes half a second, and not every command needs it.
    from models.session import make_engine

    log_beside_the_result()
    standing = standing_database(settings) if start else nullcontext(database_url(settings))
    with standing as url:
        engine = make_engine(url, application_name=f"tocsin {purpose}")
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def standing_database(settings: Settings) -> Iterator[str]:
    """The address of the database; ours is started, where it does not run, for as long as this takes."""
    if running := running_database(settings):
        yield running
        return
    server = EmbeddedPostgres(settings.tocsin_home)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


def open_redis(settings: Settings) -> Redis:
    """The way to Redis, which connects when it is used; raises CommandError as `redis_url` does."""
    log_beside_the_result()
    return connect(redis_url(settings))


def located(settings: Settings) -> Settings:
    """The settings with the addresses of both servers; raises CommandError when one is nowhere."""
    return settings.model_copy(
        update={
            "database_url": SecretStr(database_url(settings)),
            "redis_url": SecretStr(redis_url(settings)),
        }
    )


def database_url(settings: Settings) -> str:
    """The address of Postgres; raises CommandError when none is set and none of ours runs."""
    found = running_database(settings)
    if found is None:
        raise _nothing("DATABASE_URL", settings)
    return found


def redis_url(settings: Settings) -> str:
    """The address of Redis; raises CommandError when none is set and none of ours runs."""
    found = running_redis(settings)
    if found is None:
        raise _nothing("REDIS_URL", settings)
    return found


def running_database(settings: Fields) -> str | None:
    """The address that is set, else that of ours if it runs."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    server = EmbeddedPostgres(settings.tocsin_home)
    return server.url if answers(server.sockets / SOCKET_NAME) else None


def running_redis(settings: Fields) -> str | None:
    """The address that is set, else that of ours if it runs."""
    if settings.redis_url:
        return settings.redis_url.get_secret_value()
    server = EmbeddedRedis(settings.tocsin_home)
    return server.url if answers(server.socket) else None


def answers(path: Path) -> bool:
    """Whether somebody listens at a Unix socket."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            connection.connect(str(path))
    except OSError:
        return False
    return True


def _nothing(setting: str, settings: Settings) -> CommandError:
    return CommandError(
        f"nothing is running under {settings.tocsin_home} and {setting} is not set",
        "start it with tocsin up",
        UNAVAILABLE,
    )
