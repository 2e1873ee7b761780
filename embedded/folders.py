"""The folders that state and sockets live in, each for its owner alone."""

import hashlib
import os
import sys
import tempfile
from pathlib import Path

from embedded.error import EmbeddedError

# sizeof(sun_path) less the closing zero: linux/un.h says 108, macOS's sys/un.h says 104.
LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103


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
