"""The claim to run a program: what an earlier run left is ended, politely first, and nothing is guessed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from embedded.claim import claim
from embedded.lock import open_lock, taken_within
from tests.embedded.programs import program

POLITE = """
import signal, sys, time
def stop(*_):
    open(sys.argv[1], "w").write("farewell")
    sys.exit()
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
time.sleep(600)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""
PROGRAM = replace(program("worker"), stop_within=0.5)


@pytest.fixture
def lock_file(home: Path) -> Path:
    (home / "run").mkdir(parents=True)
    return home / "run" / "worker.lock"


@contextmanager
def left_over(code: str, lock_file: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock, as an earlier run's whose parent is gone."""
    lock = open_lock(lock_file)
    assert taken_within(lock, 0)
    command = [sys.executable, "-I", "-S", "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(lock,)) as process:
        os.close(lock)
        lock_file.write_text(f"{process.pid} 1\n", "ascii")
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_what_is_left_is_asked_to_stop(home: Path, lock_file: Path) -> None:
    farewell = home / "farewell"
    with left_over(POLITE, lock_file, str(farewell)) as process:
        os.close(claim(PROGRAM, home))
        assert process.wait() == 0
    assert farewell.read_text("ascii") == "farewell"


def test_what_does_not_listen_is_killed(home: Path, lock_file: Path) -> None:
    with left_over(STUBBORN, lock_file) as process:
        os.close(claim(PROGRAM, home))
        assert process.wait() == -signal.SIGKILL


def test_a_child_that_outlives_its_dead_leader_is_killed(home: Path, lock_file: Path) -> None:
    with left_over(STUBBORN, lock_file) as process:
        lock_file.write_text("99999999 1\n", "ascii")
        os.close(claim(replace(PROGRAM, stop_within=60), home))
        assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("content", ["", "nonsense\n", "12"])
def test_a_lock_file_that_says_nothing_useful_is_no_obstacle(
    home: Path, lock_file: Path, content: str
) -> None:
    lock_file.write_text(content, "ascii")
    os.close(claim(PROGRAM, home))


def test_a_number_in_a_free_lock_file_is_nobodys_death(home: Path, lock_file: Path) -> None:
    """The number of a program that ended long ago may by now be anybody's."""
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        lock_file.write_text(f"{stranger.pid} 1\n", "ascii")
        os.close(claim(PROGRAM, home))
        with pytest.raises(subprocess.TimeoutExpired):
            stranger.wait(0.2)
        stranger.kill()
