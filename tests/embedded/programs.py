"""Throw-away programs and parents for the tests of servers and supervisor."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from embedded import Program
from tests.waiting import until

ROOT = Path(__file__).parents[2]
SLEEP = "import time; time.sleep(600)"  # the child's whole work; no test waits for it


def program(name: str, code: str = SLEEP) -> Program:
    """A program that is a piece of Python."""
    return Program(name=name, argv=(sys.executable, "-I", "-S", "-c", code), env={})


def alive(pid: int) -> bool:
    """Whether the process runs: a zombie that nobody reaps does not."""
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    return False


@contextmanager
def parent(code: str, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """Another Python that runs `code` with our modules, and the numbers that it prints on its first line.

    It then waits until it is killed, which happens at the end.
    """
    code = f"{code}\nimport sys; sys.stdout.flush(); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        children = [int(word) for word in process.stdout.readline().split()]
        yield process, children
        process.kill()
        until(lambda: not any(map(alive, children)), within=10, what="the children to end with their parent")
