"""Waiting for a program of Postgres, and saying what it complained of."""

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from cli.errors import CommandError

LOOK_EVERY_S = 0.2
LINES = 6


def wait(program: "subprocess.Popen[bytes]", look: Callable[[], None]) -> None:
    """Wait for it and look now and then; raises CommandError with its last words when it fails."""
    with ExitStack() as unless_ended:
        unless_ended.callback(program.kill)
        said = _said(program, look)
        unless_ended.pop_all()
    if program.returncode != 0:
        raise failed(program, said)


def failed(program: "subprocess.Popen[bytes]", said: bytes) -> CommandError:
    """The error of a program that ended badly."""
    lines = said.decode("utf-8", "replace").strip().splitlines() or ["nothing"]
    name = Path(str(program.args[0])).name if isinstance(program.args, list) else "the program"
    return CommandError(f"{name} failed with {program.returncode}; it said: {' / '.join(lines[-LINES:])}")


def _said(program: "subprocess.Popen[bytes]", look: Callable[[], None]) -> bytes:
    while True:
        try:
            return program.communicate(timeout=LOOK_EVERY_S)[1]
        except subprocess.TimeoutExpired:
            look()
