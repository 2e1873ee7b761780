"""The files of processes stay open while these live, and never speak for another process."""

import os
import resource
from pathlib import Path

import pytest

from tests.worker.collectors.children import in_a_child, in_namespaces, sleeper
from tests.worker.collectors.kernel import Kernel
from worker.collectors.stat_files import FIRST_NUMBER, StatFiles

PROC = Path("/proc")


def high() -> set[int]:
    """The numbers of our open files that are out of the way of select(2)."""
    return {int(path.name) for path in (PROC / "self/fd").iterdir() if int(path.name) >= FIRST_NUMBER}


def test_a_file_is_opened_once_out_of_everybodys_way_and_is_not_inherited() -> None:
    before = high()
    stats = StatFiles(PROC)
    with sleeper() as child:
        stats.read(str(child.pid))
        (number,) = high() - before
        stats.read(str(child.pid))
        assert high() - before == {number}
    assert not os.get_inheritable(number)
    assert (PROC / f"self/fd/{number}").readlink() == Path(f"/proc/{child.pid}/stat")


def test_a_process_that_did_nothing_is_not_parsed_again() -> None:
    stats = StatFiles(PROC)
    with sleeper() as child:
        row = stats.read(str(child.pid))
        assert stats.read(str(child.pid)) is row


def test_a_process_that_changed_is_read_anew(kernel: Kernel) -> None:
    stats = StatFiles(kernel.root / "proc")
    kernel.process(70, utime=1)
    assert stats.read("70").used == 1
    kernel.process(70, utime=5, name=b"renamed")
    row = stats.read("70")
    assert (row.used, row.name) == (5, b"renamed")


def test_a_process_that_has_ended_is_not_read_from_its_file() -> None:
    stats = StatFiles(PROC)
    before = high()
    with sleeper() as child:
        stats.read(str(child.pid))
    with pytest.raises(FileNotFoundError):
        stats.read(str(child.pid))
    assert high() <= before


def test_a_process_that_took_the_id_of_one_that_ended_is_read_as_itself() -> None:
    seen = in_namespaces(
        """
        from worker.collectors.stat_files import StatFiles
        def start(pid, name):
            Path("/proc/sys/kernel/ns_last_pid").write_text(str(pid - 1))
            started = subprocess.Popen(["sleep", "60"] if name == "sleep" else ["cat"], stdin=subprocess.PIPE)
            assert started.pid == pid
            until(lambda: name in Path(f"/proc/{pid}/comm").read_text(), within=10, what="the program")
            return started
        stats = StatFiles(Path("/proc"))
        one = start(777, "sleep")
        first = stats.read("777")
        one.kill()
        one.wait()
        other = start(777, "cat")
        then = stats.read("777")
        other.kill()
        print(first.name, then.name)
        """,
        "--pid",
        "--fork",
        "--mount-proc",
    )
    assert seen == "b'sleep' b'cat'"


def test_the_files_of_all_but_those_that_are_left_are_closed() -> None:
    stats = StatFiles(PROC)
    before = high()
    with sleeper() as one, sleeper() as other:
        stats.read(str(one.pid))
        stats.read(str(other.pid))
        stats.keep_only([str(other.pid), "1"])
        (left,) = high() - before
        assert (PROC / f"self/fd/{left}").readlink() == Path(f"/proc/{other.pid}/stat")


def test_no_more_files_are_kept_than_was_said(kernel: Kernel) -> None:
    for pid in range(100, 110):
        kernel.process(pid, utime=pid)
    stats, before = StatFiles(kernel.root / "proc", most=3), high()
    for _ in range(2):
        assert [stats.read(pid).used for pid in sorted(stats.pids())] == [*range(100, 110)]
        assert len(high() - before) == 3


@pytest.mark.parametrize(
    ("soft", "hard", "kept", "raised"),
    [(256, FIRST_NUMBER + 2, 2, FIRST_NUMBER + 2), (256, 512, 0, 512), (2000, 2000, 5, 2000)],
)
def test_as_many_are_kept_as_the_limits_allow(
    kernel: Kernel, soft: int, hard: int, kept: int, raised: int
) -> None:
    for pid in range(100, 105):
        kernel.process(pid)

    def seen() -> str:
        os.closerange(FIRST_NUMBER, 2 * FIRST_NUMBER)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        stats, before = StatFiles(kernel.root / "proc", most=5), high()
        rows = [stats.read(pid) for pid in stats.pids()]
        return f"{len(rows)} {len(high() - before)} {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}"

    assert in_a_child(seen) == f"5 {kept} {raised}"


def test_a_limit_that_was_lowered_since_costs_no_row(kernel: Kernel) -> None:
    kernel.process(70, utime=7)
    kernel.process(71, utime=8)

    def seen() -> str:
        stats = StatFiles(kernel.root / "proc")
        stats.read("70")
        resource.setrlimit(resource.RLIMIT_NOFILE, (FIRST_NUMBER, FIRST_NUMBER))
        return f"{stats.read('70').used} {stats.read('71').used}"

    assert in_a_child(seen) == "7 8"
