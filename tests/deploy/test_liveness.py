"""The sign of life, by itself; that collector and beat give it is tried with their accounts of Redis."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.deploy.stack import Stack
from worker import liveness


def test_it_is_there_and_new_after_each_sign(tmp_path: Path) -> None:
    home = tmp_path / "not" / "there yet"
    liveness.show(home)
    os.utime(home / "alive", (0, 0))
    liveness.show(home)
    assert (home / "alive").stat().st_mtime > 0


def test_a_place_that_takes_no_file_disturbs_nobody(tmp_path: Path) -> None:
    place = tmp_path / "a file"
    place.touch()
    liveness.show(place / "home")
    liveness.show(place)
    assert place.read_bytes() == b""


@pytest.mark.parametrize(("seconds", "code"), [(0, 0), (50, 0), (120, 1)])
def test_a_container_is_as_healthy_as_its_sign_of_life_is_new(
    deployed: Stack, tmp_path: Path, seconds: float, code: int
) -> None:
    liveness.show(tmp_path)
    then = time.time() - seconds
    os.utime(tmp_path / "alive", (then, then))
    assert look(deployed, tmp_path) == code


def test_a_container_that_never_gave_one_is_not_healthy(deployed: Stack, tmp_path: Path) -> None:
    assert look(deployed, tmp_path) == 1


def look(deployed: Stack, home: Path) -> int:
    """What the health check of a worker answers for this folder."""
    kind, command = deployed["worker"].health["test"]
    assert kind == "CMD-SHELL"
    here = command.replace("/tmp/tocsin", str(home))  # noqa: S108 - a path inside a container
    return subprocess.run(["/bin/sh", "-c", here], check=False, capture_output=True).returncode
