"""Where Postgres finds a place when root's home is closed to others and there are no user namespaces."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded import EmbeddedError, footing
from embedded import identity as identities
from embedded.footing import Footing, find_footing
from embedded.identity import Identity

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to look for a place")


@pytest.fixture(autouse=True)
def no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that allows no user namespaces, as most containers."""
    works = identities._works

    def refused(identity: Identity, folder: Path, program: Path | None) -> bool:
        return identity.kind != "namespace" and works(identity, folder, program)

    monkeypatch.setattr(identities, "_works", refused)


@pytest.fixture
def open_state(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What stands for /var/lib/tocsin."""
    above = Path(tempfile.mkdtemp(prefix="tocsin-"))
    above.chmod(0o755)
    monkeypatch.setattr(footing, "STATE_OF_ROOT", above / "state")
    yield above / "state"
    shutil.rmtree(above)


@pytest.fixture
def closed(home: Path) -> Path:
    """A home that only root can reach."""
    home.parent.chmod(0o700)
    return home


def binaries_in(folder: Path) -> Path:
    """A wheel as far as we look at it: a server, and the libraries beside its package."""
    binaries = folder / "package" / "pginstall18" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "postgres").write_text('#!/bin/sh\ncat "$(dirname "$0")/../../../package.libs/lib"', "ascii")
    (binaries / "postgres").chmod(0o755)
    (folder / "package.libs").mkdir()
    (folder / "package.libs" / "lib").touch()
    return binaries


def test_an_open_home_is_used_as_it_is(home: Path, open_state: Path) -> None:
    binaries = binaries_in(home.parent)
    found = find_footing(home, binaries)
    assert (found.folder, found.binaries) == (home / "postgres", binaries)
    assert not open_state.exists()


def test_binaries_that_others_cannot_reach_are_copied_with_their_libraries(home: Path) -> None:
    hidden = home.parent / "root"
    hidden.mkdir(mode=0o700)
    found = find_footing(home, binaries_in(hidden))
    assert found.binaries == home / "postgres" / "software" / "package" / "pginstall18" / "bin"
    assert found.folder == home / "postgres"


def test_a_closed_home_links_to_a_place_of_its_own_and_stays_there(closed: Path, open_state: Path) -> None:
    binaries = binaries_in(closed.parent)
    first: Footing = find_footing(closed, binaries)
    assert first.folder.parent == open_state
    assert (closed / "postgres").readlink() == first.folder
    assert find_footing(closed, binaries) == first


def test_data_in_a_closed_home_are_not_passed_over(closed: Path, open_state: Path) -> None:
    (closed / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(EmbeddedError, match=f"other users cannot reach {closed}.*set TOCSIN_HOME"):
        find_footing(closed, binaries_in(closed.parent))
    assert not open_state.exists()
