"""Prometheus' own programs: used where they are installed, and missed where they have to be."""

import json
import os
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import until

RULES = Path(__file__).parents[2] / "deploy/prometheus"


def program(name: str) -> str:
    """The path of a program of Prometheus; without it a test is skipped here, and fails in CI."""
    found = shutil.which(name) or ""
    if not found:
        reason = f"{name} is not installed: apt-get install -y --no-install-recommends prometheus"
        miss = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        miss(reason)
    return found


def promtool(*arguments: str) -> str:
    """What promtool says in the folder of the rules; fails when it complains."""
    done = subprocess.run(
        [program("promtool"), *arguments], cwd=RULES, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One that runs, asked over its API."""

    url: str

    def query(self, expression: str) -> list[Any]:
        """The series that an expression has at this moment."""
        found = self._get("query", query=expression)
        result: list[Any] = found["result"]
        return result

    def rules(self) -> list[Any]:
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _get(self, what: str, **parameters: str) -> Any:
        query = urllib.parse.urlencode(parameters)
        with closing(urllib.request.urlopen(f"{self.url}/api/v1/{what}?{query}", timeout=10)) as answer:  # noqa: S310
            return json.load(answer)["data"]

    def answers(self) -> bool:
        try:
            with closing(urllib.request.urlopen(f"{self.url}/-/ready", timeout=1)):  # noqa: S310 - ours
                return True
        except OSError:
            return False


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[Prometheus]:
    """A Prometheus with our rules that asks `target` (host:port) every second, until the end of the block."""
    config = (RULES / "prometheus.example.yml").read_text("utf-8")
    config = config.replace("15s", "1s").replace("127.0.0.1:9464", target)
    config = config.replace("tocsin.rules.yml", str(RULES / "tocsin.rules.yml"))
    (folder / "prometheus.yml").write_text(config)
    address = f"127.0.0.1:{_free_port()}"
    command = [
        program("prometheus"),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address={address}",
        "--log.level=warn",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        running = Prometheus(f"http://{address}")
        try:
            until(running.answers, within=30, what="Prometheus to answer")
            yield running
        finally:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
