"""What is kept between readings: open files, what changes seldom, and none of it across a fork."""

import os
from pathlib import Path

import psutil
import pytest

from tests.worker.collectors.kernel import Kernel
from worker.collectors.files import BEGINNING, KernelFiles
from worker.collectors.machine import Machine, local
from worker.collectors.mountinfo import parse


def test_a_file_is_opened_once_and_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "stat"
    file.write_text("one")
    files = KernelFiles(tmp_path)
    assert files.read("stat") == b"one"
    file.write_text("two")
    opened = psutil.Process().num_fds()
    assert files.read("stat") == b"two"
    assert psutil.Process().num_fds() == opened


def test_a_file_that_went_away_and_came_back_is_read_again(tmp_path: Path) -> None:
    files = KernelFiles(tmp_path)
    with pytest.raises(FileNotFoundError, match="limit"):
        files.read("limit")
    (tmp_path / "limit").write_text("5")
    assert files.read("limit") == b"5"


def test_a_file_longer_than_one_answer_of_the_kernel_is_read_whole(tmp_path: Path) -> None:
    content = b"0123456789abcdef" * 10_000
    (tmp_path / "long").write_bytes(content)
    assert KernelFiles(tmp_path).read("long") == content


def test_who_needs_only_the_first_lines_gets_no_more(tmp_path: Path) -> None:
    (tmp_path / "stat").write_bytes(b"cpu  1 2 3\n" + b"intr 4 5 6\n" * 10_000)
    beginning = KernelFiles(tmp_path).read("stat", BEGINNING)
    assert beginning.startswith(b"cpu  1 2 3\n")
    assert len(beginning) < 500


def test_a_file_that_is_read_anew_is_read_whole_and_not_kept_open(tmp_path: Path) -> None:
    content = b"0123456789abcdef" * 10_000
    (tmp_path / "cpuinfo").write_bytes(content)
    opened = psutil.Process().num_fds()
    files = KernelFiles(tmp_path)
    assert files.read_anew("cpuinfo") == content
    assert psutil.Process().num_fds() == opened


def test_closing_leaves_no_file_open(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("one")
    opened = psutil.Process().num_fds()
    files = KernelFiles(tmp_path)
    files.read("stat")
    files.close()
    assert psutil.Process().num_fds() == opened


def test_what_fails_is_not_tried_again_before_its_time(kernel: Kernel) -> None:
    machine = kernel.machine()
    tries: list[float] = []

    def fail(asked: Machine) -> None:
        tries.append(asked.clock())
        raise FileNotFoundError(2, "No such file or directory", "cpufreq")

    for second in range(400):
        kernel.now_s = 1000.0 + second
        with pytest.raises(FileNotFoundError):
            machine.seldom(fail)
    assert tries == [1000.0, 1300.0]


def test_a_table_that_was_not_understood_is_read_again_although_it_did_not_change(kernel: Kernel) -> None:
    machine = kernel.machine()
    kernel.write("proc/self/mountinfo", "not a line of it")
    with pytest.raises(ValueError, match="unpack"):
        machine.while_unchanged("proc/self/mountinfo", parse)
    assert machine.while_unchanged("proc/self/mountinfo", len) == len("not a line of it")


def test_a_forked_process_gets_a_machine_of_its_own() -> None:
    here = local()
    assert local() is here
    child = os.fork()
    if child == 0:
        os._exit(0 if local() is not here else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
