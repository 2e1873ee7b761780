"""What the tests of commands share: servers in the environment, and a way to run a command."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine

from cli import main
from worker.stream import connect

HOST = "web-1"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture
def home() -> Iterator[Path]:
    """A TOCSIN_HOME that does not exist yet, in a folder that other users may pass through."""
    above = Path(tempfile.mkdtemp(prefix="tocsin-"))
    above.chmod(0o711)
    yield above / "home"
    shutil.rmtree(above)


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process, in an environment with nothing but a home of its own."""
    for name in ("DATABASE_URL", "REDIS_URL", "TOCSIN_RULES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOCSIN_HOME", str(home))
    monkeypatch.setenv("HOST_NAME", HOST)

    def command(*arguments: str) -> Done:
        capsys.readouterr()
        code = main.run(arguments)
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return command


@pytest.fixture
def tocsin(run: Run, engine: Engine, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in an environment that names a migrated Postgres and an empty Redis."""
    monkeypatch.setenv("DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("REDIS_URL", redis_url)
    return run


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with connect(redis_url) as client:
        yield client
