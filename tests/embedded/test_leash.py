"""The leash: what runs between our fork and a program, when something is wrong."""

import os
import signal
import subprocess

import pytest

from embedded.identity import OURSELVES, leashed


def run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_becomes_the_program_and_keeps_its_pid() -> None:
    command = leashed(OURSELVES, ["/bin/sh", "-c", "echo $$ $1", "sh", "a b"], death_signal=signal.SIGTERM)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.read() == f"{process.pid} a b\n"


def test_a_program_whose_parent_died_before_it_began_is_not_run() -> None:
    command = leashed(OURSELVES, ["/bin/echo", "alive"], death_signal=signal.SIGTERM)
    orphaned = [str(os.getppid()) if word == str(os.getpid()) else word for word in command]
    answer = run(orphaned)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr == "/bin/echo cannot be started: its parent is gone\n"


@pytest.mark.parametrize(
    ("program", "reason"), [("/no/such/program", "No such file or directory"), ("/etc", "Permission denied")]
)
def test_a_program_that_cannot_be_run_is_named(program: str, reason: str) -> None:
    answer = run(leashed(OURSELVES, [program], death_signal=signal.SIGTERM))
    assert (answer.returncode, answer.stderr) == (1, f"{program} cannot be started: {reason}\n")
