"""The Redis-compatible server from a wheel: reached only by a socket, and it forgets next to nothing."""

import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import kombu
import pytest
from redis import Redis

import settings
from embedded import EmbeddedError, EmbeddedRedis
from tests.embedded.programs import alive, parent
from tests.waiting import until

START = """
import sys
from pathlib import Path
from embedded import EmbeddedRedis
server = EmbeddedRedis(Path(sys.argv[1]))
server.start()
print(server.pid)
"""


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(home)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(server: EmbeddedRedis) -> Iterator[Redis]:
    with Redis.from_url(server.url, decode_responses=True) as client:
        yield client


def test_it_listens_on_no_port_and_its_socket_is_private(server: EmbeddedRedis, client: Redis) -> None:
    assert client.config_get("port") == {"port": "0"}
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert stat.S_IMODE(server.socket.parent.stat().st_mode) == 0o700


def test_it_refuses_writes_rather_than_drop_keys(client: Redis) -> None:
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_what_was_written_a_second_ago_survives_kill_9(server: EmbeddedRedis, client: Redis) -> None:
    client.set("kept", "42")
    client.waitaof(1, 0, 2000)
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.start()
    assert client.get("kept") == "42"


def test_after_a_stop_nothing_runs_and_keys_are_kept(server: EmbeddedRedis, client: Redis) -> None:
    client.set("kept", "42")
    pid = server.pid
    assert pid is not None
    server.stop()
    assert (server.pid, alive(pid)) == (None, False)
    server.start()
    assert client.get("kept") == "42"


def test_it_ends_with_a_parent_that_is_killed_and_starts_again(home: Path) -> None:
    with parent(START, str(home)) as (process, [pid]):
        process.kill()
        until(lambda: not alive(pid), within=10, what="the server to end with its parent")
    server = EmbeddedRedis(home)
    server.start()
    server.stop()


def test_it_is_refused_to_a_second_parent(home: Path) -> None:
    with parent(START, str(home)) as (process, [pid]):
        with pytest.raises(EmbeddedError, match=rf"process {pid}, and process {process.pid} looks after it"):
            EmbeddedRedis(home).start()
        assert alive(pid)


@pytest.mark.parametrize("folder", ["a folder with spaces", "50%", "ünder"])
def test_celery_and_redis_py_reach_the_same_server_in_an_odd_folder(home: Path, folder: str) -> None:
    server = EmbeddedRedis(home.parent / folder)
    server.start()
    broker = settings.load({"REDIS_URL": server.url}).broker_url
    assert broker is not None
    with kombu.Connection(broker.get_secret_value()) as connection:
        connection.SimpleQueue("letters").put("hello")
    with Redis.from_url(server.url) as client:
        assert client.llen("letters") == 1
    server.stop()


def test_a_home_with_a_path_too_long_for_a_socket_works(home: Path) -> None:
    server = EmbeddedRedis(home.parent / ("long-" * 20) / "home")
    server.start()
    with Redis.from_url(server.url) as client:
        assert client.ping()
    server.stop()
    server.socket.parent.rmdir()
