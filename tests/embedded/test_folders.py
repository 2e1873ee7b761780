"""The folders of state and sockets: short enough for a socket, and nobody else's."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from embedded import EmbeddedError
from embedded.folders import LONGEST_SOCKET_PATH, make_home, make_private, socket_folder


def folder_of_length(length: int) -> Path:
    """A folder in which the path of a socket `s` has so many bytes."""
    return Path("/" + "x" * (length - len("//s")))


def test_a_socket_stays_in_its_folder_as_long_as_its_path_is_allowed() -> None:
    fits = folder_of_length(LONGEST_SOCKET_PATH)
    assert socket_folder(fits, "s") == fits
    assert socket_folder(folder_of_length(LONGEST_SOCKET_PATH + 1), "s").parent == Path(tempfile.gettempdir())


def test_the_length_is_counted_in_bytes() -> None:
    assert socket_folder(Path("/" + "ü" * 60), "s").parent == Path(tempfile.gettempdir())


def test_two_homes_never_share_a_folder_for_sockets() -> None:
    one, other = (socket_folder(Path("/" + name * 200), "s") for name in "ab")
    assert one != other
    assert socket_folder(Path("/" + "a" * 200), "s") == one


def test_where_even_the_temporary_folder_is_too_long_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/" + "t" * 200)
    with pytest.raises(EmbeddedError, match=r"may have 10\d bytes, and /t+.*Set TOCSIN_HOME to a folder"):
        socket_folder(Path("/" + "x" * 200), "s")


def test_a_folder_that_somebody_else_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EmbeddedError, match=f"{tmp_path} belongs to somebody else"):
        make_private(tmp_path, {os.geteuid() + 1})


def test_a_link_that_somebody_else_may_have_set_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    with pytest.raises(EmbeddedError, match="belongs to somebody else"):
        make_private(link, {os.geteuid()})


def test_a_folder_of_ours_that_was_left_open_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    make_private(tmp_path, {os.geteuid()})
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700


def test_a_new_home_shows_nothing_to_others(tmp_path: Path) -> None:
    make_home(tmp_path / "a" / "home")
    assert stat.S_IMODE((tmp_path / "a" / "home").stat().st_mode) & 0o066 == 0
