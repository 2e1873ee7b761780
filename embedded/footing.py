"""Where Postgres can stand and as whom: it refuses root, needs a named user, and must reach its files."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from embedded.error import EmbeddedError
from embedded.folders import make_home
from embedded.identity import Identity, find

STATE_OF_ROOT = Path("/var/lib/tocsin")  # for what root keeps on a machine, by the hierarchy standard


@dataclass(frozen=True, slots=True)
class Footing:
    """The folder of the server's state, the folder of its binaries, and who runs it."""

    folder: Path
    binaries: Path
    identity: Identity


def find_footing(home: Path, binaries: Path) -> Footing:
    """How the server in `binaries` can run with its state in `home/postgres`; raises EmbeddedError.

    Where root's home is closed to every other user and the system allows no user namespaces, `home/postgres`
    becomes a link to a folder of its own under /var/lib/tocsin.
    """
    make_home(home)
    for folder in _folders(home):
        footing = _footing_in(folder, binaries)
        if footing is not None:
            if folder != (home / "postgres").resolve():
                (home / "postgres").rmdir()
                (home / "postgres").symlink_to(folder)
            return footing
    raise EmbeddedError(_refusal(home))


def _folders(home: Path) -> Iterator[Path]:
    folder = (home / "postgres").resolve()
    folder.mkdir(mode=0o700, exist_ok=True)
    yield folder
    if os.geteuid() == 0 and not (folder / "data").exists():
        other = STATE_OF_ROOT / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
        STATE_OF_ROOT.mkdir(mode=0o711, exist_ok=True)
        other.mkdir(mode=0o700, exist_ok=True)
        yield other


def _footing_in(folder: Path, binaries: Path) -> Footing | None:
    identity = find(folder, binaries / "postgres")
    if identity is not None:
        return Footing(folder, binaries, identity)
    if os.geteuid() != 0 or find(folder) is None:
        return None
    copy = _copied(binaries, folder / "software")
    identity = find(folder, copy / "postgres")
    return Footing(folder, copy, identity) if identity else None


def _copied(binaries: Path, target: Path) -> Path:
    """Copy the wheel's binaries and libraries, keeping how they lie to each other; returns the new `bin`."""
    package = binaries.parent.parent
    for source in (binaries.parent, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, target / source.relative_to(package.parent), dirs_exist_ok=True)
    return target / binaries.relative_to(package.parent)


def _refusal(home: Path) -> str:
    if os.geteuid() == 0:
        return (
            f"Postgres refuses to run as root, other users cannot reach {home}, and this system allows "
            "no user namespaces. Run Tocsin as an ordinary user, set TOCSIN_HOME to a folder that others "
            "may pass through, as /var/lib/tocsin, or set DATABASE_URL to a Postgres of your own."
        )
    return (
        f"Postgres needs a user with a name, the user id {os.geteuid()} has none in /etc/passwd, and this "
        "system allows no user namespaces. Add an entry for it, or set DATABASE_URL to a Postgres of your "
        "own."
    )
