"""The way into Flower: a password of its own, and a port that is free."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.errors import CommandError
from cli.startup.flower_access import access, free_port, is_listening
from settings import Settings, load


def settings(home: Path, **more: str) -> Settings:
    return load({"TOCSIN_HOME": str(home), "HOST_NAME": "web-1"} | more)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_password_is_made_once_and_only_its_owner_can_read_it(home: Path) -> None:
    first, second = access(settings(home)), access(settings(home))
    assert first == second
    assert len(first.password) >= 20
    path = home / "flower-password"
    assert first.source == str(path)
    assert path.read_text("utf-8") == f"{first.password}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in home.iterdir()] == ["flower-password"]


def test_an_empty_file_is_no_password(home: Path) -> None:
    home.mkdir()
    (home / "flower-password").touch()
    assert access(settings(home)).password


def test_a_password_that_is_set_is_taken_and_written_nowhere(home: Path) -> None:
    found = access(settings(home, FLOWER_PASSWORD="mine", FLOWER_USERNAME="anna"))
    assert (found.username, found.password, found.source) == ("anna", "mine", "FLOWER_PASSWORD")
    assert not home.exists()


@pytest.mark.parametrize("wrong", [{"FLOWER_PASSWORD": "a,b"}, {"FLOWER_USERNAME": "a,b"}])
def test_what_flower_would_misread_is_refused_and_not_repeated(home: Path, wrong: dict[str, str]) -> None:
    with pytest.raises(CommandError) as refused:
        access(settings(home, **wrong))
    assert "no comma" in str(refused.value)
    assert "a,b" not in str(refused.value)


def test_a_free_port_is_taken_as_it_is(home: Path, taken: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert free_port(settings(home, FLOWER_PORT=str(free))) == free
    assert free != taken


def test_the_next_port_is_taken_when_somebody_has_it(home: Path, taken: int) -> None:
    assert taken < free_port(settings(home, FLOWER_PORT=str(taken))) <= taken + 50


def test_it_is_known_whether_somebody_listens(taken: int) -> None:
    assert is_listening("127.0.0.1", taken)
    assert not is_listening("127.0.0.1", 1)


def test_an_address_that_this_machine_does_not_have_is_named(home: Path) -> None:
    with pytest.raises(CommandError, match=r"FLOWER_PORT: 192\.0\.2\.1 has no free port from 5555 on"):
        free_port(settings(home, FLOWER_ADDRESS="192.0.2.1"))
