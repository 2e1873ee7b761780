"""A whole Tocsin whose every secret is a canary, in front of servers that repeat what they are told."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, make_url

import settings
from cli.startup import programs
from cli.startup.programs import Access
from embedded import EmbeddedRedis
from tests.leaks.canaries import Addresses, environment, word
from tests.leaks.repeating import RepeatingHttp, RepeatingMail
from tests.standins.otlp import OtlpStandIn

ROOT = Path(__file__).parents[2]
ACCOUNT = "canaries"
EVERYTHING: dict[str, Any] = {"keys": ["*"], "channels": ["*"], "categories": ["+@all"]}


@dataclass
class Scene:
    """The servers, and the programs that run before them with their logs in a folder."""

    environ: Mapping[str, str]
    folder: Path
    engine: Engine
    redis: Redis
    redis_socket: Path
    http: RepeatingHttp
    mail: RepeatingMail
    traces: OtlpStandIn
    flower_url: str
    metrics_url: str
    _programs: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> None:
        """Everything that there is to start."""
        configured = settings.load(self.environ)
        access = Access(
            "127.0.0.1", _port(self.flower_url), "ops", word("FLOWER_PASSWORD"), "FLOWER_PASSWORD"
        )
        env = programs.environment(self.environ, configured)
        self._run("tocsin", programs.together(configured), env)
        self._run("flower", programs.flower(access), programs.flower_environment(env, access))
        self._run("watchdog", programs.watchdog(), env)
        self._run("buttons", programs.buttons(), env)
        self._run("metrics", (*programs.buttons()[:-1], "metrics"), env)

    def stop(self) -> None:
        for program in self._programs:
            program.send_signal(signal.SIGTERM)
        for program in self._programs:
            program.wait(30)

    def said(self, stream: str) -> dict[str, str]:
        """What each program has said on its standard `out` or `err`."""
        return {file.stem: file.read_text("utf-8", "replace") for file in self.folder.glob(f"*.{stream}")}

    def _run(self, name: str, argv: tuple[str, ...], env: Mapping[str, str]) -> None:
        with (self.folder / f"{name}.out").open("wb") as out, (self.folder / f"{name}.err").open("wb") as err:
            started = subprocess.Popen(argv, env=dict(env), cwd="/", stdout=out, stderr=err)
        self._programs.append(started)


@pytest.fixture
def scene(engine: Engine, redis_server: EmbeddedRedis) -> Iterator[Scene]:
    folder = Path(tempfile.mkdtemp(prefix="tocsin-leaks-"))
    with ExitStack() as open_now:
        http = open_now.enter_context(RepeatingHttp())
        mail = open_now.enter_context(RepeatingMail())
        traces = open_now.enter_context(OtlpStandIn())
        redis = open_now.enter_context(Redis.from_url(redis_server.url))
        redis.flushall()
        redis.acl_setuser(ACCOUNT, enabled=True, passwords=[f"+{word('REDIS_URL')}"], **EVERYTHING)
        open_now.callback(redis.acl_deluser, ACCOUNT)
        at = Addresses(
            _database(engine), _redis(redis_server), traces.endpoint, http.url("").rstrip("/"), mail.port
        )
        flower, metrics = _free_port(), _free_port()
        environ = {
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "TOCSIN_HOME": str(folder / "home"),
            "HOST_NAME": "web-1",
            "HEALTH_DISK_WARNING": "0.001",
            "HEALTH_DISK_CRITICAL": "0.002",
            "LOG_LEVEL": "debug",
            "METRICS_PORT": str(metrics),
            **environment(at, folder),
        }
        pages = f"http://127.0.0.1:{flower}", f"http://127.0.0.1:{metrics}/metrics"
        scene = Scene(environ, folder, engine, redis, redis_server.socket, http, mail, traces, *pages)
        open_now.callback(scene.stop)
        yield scene
    shutil.rmtree(folder)


def _database(engine: Engine) -> str:
    return make_url(engine.url).set(password=word("DATABASE_URL")).render_as_string(hide_password=False)


def _redis(server: EmbeddedRedis) -> str:
    return f"unix://{ACCOUNT}:{word('REDIS_URL')}@{server.socket}"


def _port(url: str) -> int:
    return int(url.split(":")[2].partition("/")[0])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
