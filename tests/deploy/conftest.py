"""The stack as the file has it, and Docker Compose where it can be had."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.deploy import stack
from tests.deploy.stack import Stack

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"

# What people have set for themselves must not decide about a test.
NEUTRAL = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


class Compose:
    """Docker Compose without a daemon: it can say what it makes of a file."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    def config(self, *files: Path, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """What it makes of the files, later ones over earlier ones."""
        named = [word for file in files for word in ("--file", str(file))]
        return subprocess.run(
            [*self._command, "--env-file", os.devnull, *named, "config", "--format", "json"],
            capture_output=True,
            text=True,
            check=False,
            env=NEUTRAL | (environ or {}),
            cwd=ROOT,
        )


@pytest.fixture(scope="session")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Compose:
    """Docker Compose of this machine; fetched where tests must not be left out, else they are."""
    found = _compose_here()
    if found is None and os.environ.get("CI") == "true":
        found = _fetched(tmp_path_factory.getbasetemp().parent / "compose")
    if found is None:
        pytest.skip("Docker Compose 2 is not installed; deploy/ci-tools.sh fetches it")
    return Compose(found)


@pytest.fixture(scope="session")
def deployed() -> Stack:
    """The stack with nothing set, read without Compose."""
    return stack.parse(COMPOSE_FILE.read_text("utf-8"), {})


def _compose_here() -> Sequence[str] | None:
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) is None:
            continue
        version = subprocess.run(
            [*command, "version", "--short"], capture_output=True, text=True, check=False
        )
        if version.returncode == 0 and version.stdout.removeprefix("v").startswith("2"):
            return command
    return None


def _fetched(folder: Path) -> Sequence[str]:
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # other processes of this test run want it too
        program = folder / "docker-compose"
        if not program.exists():
            subprocess.run([ROOT / "deploy/ci-tools.sh", folder], check=True)
    return [str(program)]
