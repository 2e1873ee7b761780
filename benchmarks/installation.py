"""A Tocsin of the benchmarks' own: servers, schema and programs in a home that is thrown away."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from redis import Redis
from sqlalchemy import Engine

from cli.startup import programs
from embedded import EmbeddedPostgres, EmbeddedRedis
from models.migrate import upgrade
from models.session import make_engine
from settings import Settings, load
from worker.stream import connect

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Installation:
    """Running servers, the ways to them, and what a program needs to be started on them."""

    home: Path
    postgres: EmbeddedPostgres
    redis_server: EmbeddedRedis
    settings: Settings
    engine: Engine
    redis: Redis
    environ: dict[str, str]

    def start(self, argv: tuple[str, ...], name: str) -> psutil.Popen:
        """A program of ours, with its log in the home."""
        with (self.home / f"{name}.log").open("wb") as log:
            return psutil.Popen(
                list(argv), cwd="/", env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )


@contextmanager
def installation(options: Mapping[str, str] | None = None, **settings: str) -> Iterator[Installation]:
    """Servers in a home of their own, migrated; all of it is gone afterwards.

    `options` are for Postgres, `settings` as in the environment, of which nothing else is passed on.
    """
    home = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    home.chmod(0o711)
    postgres, redis = EmbeddedPostgres(home, options), EmbeddedRedis(home)
    try:
        postgres.start()
        redis.start()
        upgrade(postgres.url)
        given = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "TOCSIN_HOME": str(home)} | settings
        configured = load(given)
        base = {"PATH": os.defpath, "PYTHONPATH": str(ROOT)} | given
        engine = make_engine(postgres.url, application_name="benchmark")
        yield Installation(
            home,
            postgres,
            redis,
            configured,
            engine,
            connect(redis.url),
            programs.environment(base, configured),
        )
        engine.dispose()
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def until(condition: Callable[[], object], within: float, what: str) -> None:
    """Wait until something is so; raises TimeoutError when it is not within so many seconds."""
    end = time.monotonic() + within
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {within:g} s for {what}")
        time.sleep(0.1)
