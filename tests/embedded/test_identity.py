"""Who a server runs as: root becomes somebody else, and what belongs to whom follows."""

import os
import pwd
import signal
import subprocess
from pathlib import Path

import pytest

from embedded.identity import OURSELVES, Identity, find, give, leashed, run

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
PATH = {"PATH": os.defpath}
NOBODY = Identity("user", pwd.getpwnam("nobody").pw_uid, pwd.getpwnam("nobody").pw_gid)
SOMEBODY = Identity("user", 54321, 54321)


@pytest.fixture
def folder(home: Path) -> Path:
    """An empty folder of ours, in one that others may pass through."""
    home.mkdir(mode=0o700)
    return home


def namespaces_allowed() -> bool:
    return run(Identity("namespace", NOBODY.uid, NOBODY.gid), ["/usr/bin/id"], PATH).returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may not stay root")
def test_an_ordinary_user_stays_who_they_are(folder: Path) -> None:
    assert find(folder) == OURSELVES


@AS_ROOT
def test_root_becomes_nobody_with_nothing_left_of_root(folder: Path) -> None:
    assert find(folder) == NOBODY
    assert run(NOBODY, ["/usr/bin/id", "-u"], PATH).stdout == f"{NOBODY.uid}\n"
    assert run(NOBODY, ["/bin/chown", "0", str(folder)], PATH).returncode == 1


@AS_ROOT
def test_the_groups_of_root_are_left_behind() -> None:
    command = leashed(NOBODY, ["/usr/bin/id", "-G"], death_signal=signal.SIGKILL)
    answer = subprocess.run(command, extra_groups=[4, 27], capture_output=True, text=True, check=True)
    assert answer.stdout == f"{NOBODY.gid}\n"


@AS_ROOT
def test_root_becomes_the_owner_of_the_folder_around(folder: Path) -> None:
    """As after `sudo` in somebody's own folder."""
    give(folder.parent, SOMEBODY)
    give(folder, Identity("self", 0, 0))
    assert find(folder) == SOMEBODY
    assert folder.stat().st_uid == SOMEBODY.uid


@AS_ROOT
def test_what_a_user_was_given_stays_theirs(folder: Path) -> None:
    (folder / "data").touch()
    give(folder, SOMEBODY)
    assert find(folder) == SOMEBODY
    assert (folder / "data").stat().st_uid == SOMEBODY.uid


@AS_ROOT
@pytest.mark.skipif(not namespaces_allowed(), reason="this system allows no user namespaces")
def test_in_a_folder_closed_to_others_root_keeps_its_files_in_a_namespace(folder: Path) -> None:
    folder.parent.chmod(0o700)
    (folder / "data").touch()
    identity = find(folder)
    assert identity == Identity("namespace", NOBODY.uid, NOBODY.gid)
    assert (folder / "data").stat().st_uid == 0
    assert run(identity, ["/usr/bin/id", "-u"], PATH).stdout == f"{NOBODY.uid}\n"


@AS_ROOT
def test_a_program_that_the_other_user_cannot_reach_is_not_theirs_to_run(folder: Path) -> None:
    program = folder / "program"
    program.write_text("#!/bin/sh\n", "ascii")
    program.chmod(0o700)
    assert find(folder.parent, program) != NOBODY


@AS_ROOT
def test_giving_a_folder_away_spares_what_its_links_point_to(folder: Path) -> None:
    outside = folder.parent / "outside"
    outside.touch()
    (folder / "deep").mkdir()
    (folder / "deep" / "link").symlink_to(outside)
    give(folder, SOMEBODY)
    assert (folder / "deep").stat().st_uid == SOMEBODY.uid
    assert outside.stat().st_uid == 0
