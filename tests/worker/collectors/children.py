"""Processes for collectors to look at, and another user for them to run as."""

import os
import shutil
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from tests.waiting import until

NOBODY = 65534

# What scripts in namespaces of their own begin with.
IMPORTS = """
import socket, subprocess
from datetime import UTC, datetime
from pathlib import Path
from tests.waiting import until
from worker.collectors.machine import Machine, local
from worker.collectors.mountinfo import parse
from worker.collectors.system import read_system
"""

READY = "print(flush=True)\n"
BUSY = READY + "while True: pass"


@contextmanager
def python(code: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python that runs `code`, from the moment that it has written its first line."""
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            yield child
        finally:
            child.kill()


@contextmanager
def sleeper(code: str = "", *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python that ran `code` and now sleeps, at the head of a process group of its own."""
    with python(code + READY + "import signal; signal.pause()", *arguments) as child:
        until(lambda: psutil.Process(child.pid).status() == "sleeping", within=10, what="a sleeping process")
        yield child


def as_nobody(work: Callable[[], str]) -> str:
    """What `work` answers in a child that runs as an unprivileged user."""

    def unprivileged() -> str:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()

    return in_a_child(unprivileged)


def in_a_child(work: Callable[[], str]) -> str:
    """What `work` answers in a child, where it may spoil what it likes."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, _answer(work).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return text


def _answer(work: Callable[[], str]) -> str:
    try:
        return work()
    except BaseException:  # noqa: BLE001 - whatever it is, it belongs into the parent's assertion
        return traceback.format_exc()


def in_namespaces(script: str, *more: str) -> str:
    """What a Python script prints that is root over mounts, a network and what `more` options name."""
    tool = shutil.which("unshare")
    command = [str(tool), "--user", "--map-root-user", "--mount", "--net", *more]
    if tool is None or subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets us have no namespaces")
    code = IMPORTS + textwrap.dedent(script)
    done = subprocess.run([*command, sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
