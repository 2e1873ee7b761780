"""The sign of life, by itself; that collector and beat give it is tried with their accounts of Redis."""

import os
from pathlib import Path

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
