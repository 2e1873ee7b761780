"""The log of a program: private, kept small, and quoted from where the run began."""

import stat
from pathlib import Path

import pytest

from embedded.log import KEPT, QUOTED_LINES, ROTATE_AT, Log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "worker.log"


def write(log: Log, text: str) -> None:
    with log.appending() as file:
        file.write(text.encode())


def test_it_is_readable_by_its_owner_alone(path: Path) -> None:
    write(Log.begin(path), "hello\n")
    assert (stat.S_IMODE(path.parent.stat().st_mode), stat.S_IMODE(path.stat().st_mode)) == (0o700, 0o600)


def test_it_quotes_this_run_and_not_the_one_before(path: Path) -> None:
    write(Log.begin(path), "an old trouble\n")
    log = Log.begin(path)
    assert log.quote() == f"Its log {path} says nothing."
    write(log, "a new trouble\n")
    assert log.quote() == f"The end of its log {path}:\n  a new trouble"


def test_it_quotes_the_last_lines_whatever_is_in_them(path: Path) -> None:
    log = Log.begin(path)
    with log.appending() as file:
        file.write(b"".join(b"%d \xff\n" % number for number in range(10_000)))
    lines = log.quote().splitlines()[1:]
    assert len(lines) == QUOTED_LINES
    assert lines[-1] == "  9999 \N{REPLACEMENT CHARACTER}"


def test_one_that_has_grown_large_is_put_aside_at_the_next_start(path: Path) -> None:
    for run in range(KEPT + 2):
        write(Log.begin(path), f"{run}" + " " * ROTATE_AT)
    names = ["worker.log", *(f"worker.log.{number}" for number in range(1, KEPT + 1))]
    assert [path.with_name(name).read_text("ascii").strip() for name in names] == ["4", "3", "2", "1"]
    assert sorted(file.name for file in path.parent.iterdir()) == names


def test_a_small_one_is_continued(path: Path) -> None:
    for word in ("one ", "two"):
        write(Log.begin(path), word)
    assert path.read_text("ascii") == "one two"
