"""Processes for collectors to look at, and another user for them to run as."""

import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

NOBODY = 65534

READY = "print(flush=True)\n"
BUSY = READY + "while True: pass"
IDLE = READY + "import signal; signal.pause()"


@contextmanager
def python(code: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python that runs `code`, from the moment that it has written its first line."""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            child.stdout.readline()
            yield child
        finally:
            child.kill()


def as_nobody(work: Callable[[], str]) -> str:
    """What `work` answers in a child that runs as an unprivileged user."""
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
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()
    except BaseException:  # noqa: BLE001 - whatever it is, it belongs into the parent's assertion
        return traceback.format_exc()
