"""What the servers from wheels have in common: a home, a program, start and stop."""

import hashlib
import importlib.util
import os
import sys
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path

from embedded.child import Child
from embedded.error import EmbeddedError
from embedded.program import Program

# sizeof(sun_path) less the closing zero: linux/un.h says 108, macOS's sys/un.h says 104.
LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103


class EmbeddedServer(ABC):
    """A server that runs as our child, with all it owns under one folder."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self._child: Child | None = None

    @abstractmethod
    def program(self) -> Program:
        """How the server is run, for a supervisor; raises EmbeddedError when it cannot be."""

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers; raises EmbeddedError.

        Call it in a thread that lives as long as the server should: on Linux the server ends with it.
        """
        if self._child is not None and self._child.ready:
            return
        self.stop()
        child = Child.start(self.program(), self.home)
        child.wait_until_ready()
        self._child = child

    def stop(self) -> None:
        """Stop it and wait until it is gone; nothing happens when it does not run."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    @property
    def pid(self) -> int | None:
        """Its process id, None while it does not run."""
        return None if self._child is None or self._child.exit_code is not None else self._child.pid


def installed(package: str, binary: str, setting: str) -> Path:
    """The path of `binary`, a pattern below the folder of an installed package; it is not imported.

    Raises EmbeddedError, which names `setting` as the way to do without.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob(binary):
            return path
    raise EmbeddedError(
        f"The server {Path(binary).name} is not installed: the Python package {package} is missing or has no "
        f"build for this machine. Install it with `make run`, or set {setting} to a server of your own."
    )


def make_home(home: Path) -> None:
    """Create the folder that all state lives in; root's lets a server's own user pass, and shows nothing."""
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


def socket_folder(preferred: Path, socket_name: str) -> Path:
    """Where the socket goes: `preferred`, or a folder in the temporary one where that is too long."""
    if _fits(preferred / socket_name):
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"tocsin-{os.geteuid()}-{digest}"
    if not _fits(short / socket_name):
        raise EmbeddedError(
            f"A socket's path may have {LONGEST_SOCKET_PATH} bytes, and {short / socket_name} is longer. Set "
            "TOCSIN_HOME to a folder with a shorter path."
        )
    return short


def make_private(folder: Path, owners: set[int]) -> None:
    """Create `folder` for its owner alone, or raise EmbeddedError when somebody else has made it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise EmbeddedError(
            f"{folder} belongs to somebody else, and a server's socket there would be theirs. Remove it, or "
            "set TOCSIN_HOME to a folder with a shorter path."
        )
    folder.chmod(0o700)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH
