"""Real workers and a real Flower for tests: processes of their own on a Postgres and a Redis."""

import base64
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

import settings
from cli.startup import programs
from cli.startup.programs import Access
from tests.waiting import until

ROOT = Path(__file__).parents[3]
WITHIN = 30.0


@dataclass(frozen=True)
class Stage:
    """What the processes of a test share."""

    engine: Engine
    environ: Mapping[str, str]
    home: Path

    @property
    def settings(self) -> settings.Settings:
        return settings.load(self.environ)

    def rows(self, statement: str, **values: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(text(statement), values))


@contextmanager
def running(stage: Stage, name: str, argv: tuple[str, ...], ready: str) -> Iterator[subprocess.Popen[bytes]]:
    """A program until the end of the block, from when its log says that it is `ready`."""
    said = stage.home / f"{name}.log"
    with said.open("wb") as file:
        process = subprocess.Popen(
            argv, cwd="/", env=stage.environ, stdout=file, stderr=file, start_new_session=True
        )
    try:
        until(lambda: ready in said.read_text() or process.poll() is not None, within=WITHIN, what=ready)
        assert process.poll() is None, said.read_text()
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def worker(stage: Stage, *queues: str, host: str = "web-1") -> Iterator[subprocess.Popen[bytes]]:
    """A worker on these queues, a collector if they are `collect`."""
    here = stage.settings.model_copy(update={"host_name": host})
    argv = (
        programs.collector(here)
        if queues == ("collect",)
        else programs.worker(here, queues=queues, concurrency=1, name="-".join(queues))
    )
    elsewhere = Stage(stage.engine, {**stage.environ, "HOST_NAME": host}, stage.home)
    with running(elsewhere, f"{host}-{'-'.join(queues)}", argv, "ready.") as it:
        yield it


@dataclass(frozen=True)
class Flower:
    """A Flower with a login, and a way to ask it things."""

    url: str
    password: str = "opensesame"
    user: str = "ada"
    login: str = field(init=False)

    def __post_init__(self) -> None:
        word = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        object.__setattr__(self, "login", f"Basic {word}")

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, body: object = "", **headers: str) -> tuple[int, str]:
        """POST a document as JSON, or a text as it is."""
        raw = body if isinstance(body, str) else json.dumps(body)
        return self.ask("POST", path, raw.encode(), headers)

    def hears_of_tasks(self) -> bool:
        """Whether it knows of a task that has just run: workers tell of them only once they are asked to."""
        self.post("/api/task/apply/notifications.deliver")
        status, said = self.get("/api/tasks?limit=1")
        return status == 200 and bool(json.loads(said))

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, str]:
        request = urllib.request.Request(self.url + path, body, method=method)  # noqa: S310 - our own
        sent = {"Authorization": self.login} | {name.replace("_", "-"): it for name, it in headers.items()}
        for name, value in sent.items():
            if value:
                request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=WITHIN) as answer:  # noqa: S310 - as above
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@contextmanager
def flower(stage: Stage) -> Iterator[Flower]:
    """A Flower, from when it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    there = Flower(f"http://127.0.0.1:{port}")
    access = Access("127.0.0.1", port, there.user, there.password, "the test")
    env = programs.flower_environment(stage.environ, access)
    argv = programs.flower(access)
    with running(Stage(stage.engine, env, stage.home), "flower", argv, "Visit me at"):
        until(lambda: _answers(there), within=WITHIN, what="Flower to answer")
        yield there


def _answers(there: Flower) -> bool:
    try:
        return there.get("/healthcheck")[0] == 200
    except urllib.error.URLError:
        return False


def called(stage: Stage, task: str, kwargs: Mapping[str, Any] | None = None) -> str:
    """Start a task by `celery call`, as a person would, and answer its id."""
    argv = [sys.executable, "-m", "celery", "-A", "worker.celery", "call", task]
    argv += ["--kwargs", json.dumps(kwargs)] if kwargs else []
    done = subprocess.run(argv, cwd=ROOT, env=stage.environ, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def published(stage: Stage, *lines: str) -> None:
    """Run a few lines of Python that know Celery's app, and something a thousand levels deep."""
    deep = "deep = 1\nfor _ in range(900): deep = [deep]"
    program = "\n".join(["from worker.celery import app", deep, *lines])
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=stage.environ, check=True)
