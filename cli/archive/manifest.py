"""What a backup holds, in a file beside it: when it was taken, of what, and how many rows of each table."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.documents import plain
from cli.errors import CommandError

SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Describes one backup; `taken_at` is the moment whose state it holds, `bytes` the size of its file."""

    taken_at: datetime
    schema: str
    revision: str | None
    server_major: int
    bytes: int
    sha256: str
    rows: dict[str, int]

    def write(self, backup: Path) -> None:
        path = _beside(backup)
        path.touch(mode=0o600)
        path.write_text(json.dumps(plain(asdict(self)), indent=2) + "\n", encoding="utf-8")


def manifest_of(backup: Path) -> Manifest:
    """The manifest of a backup, whose bytes are held against it.

    Raises CommandError when either is missing, and when the backup is not the one that was taken.
    """
    for path in (backup, _beside(backup)):
        if not path.is_file():
            raise CommandError(f"{path} is not there", "a backup is two files, the archive and its .json")
    manifest = _read(_beside(backup))
    if backup.stat().st_size != manifest.bytes or digest(backup) != manifest.sha256:
        raise CommandError(f"{backup} is not what was taken: it is damaged or cut off", "use another backup")
    return manifest


def digest(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _beside(backup: Path) -> Path:
    return backup.with_name(backup.name + SUFFIX)


def _read(path: Path) -> Manifest:
    try:
        fields: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return Manifest(**fields | {"taken_at": datetime.fromisoformat(fields["taken_at"])})
    except (ValueError, TypeError, KeyError):
        raise CommandError(f"{path} is no manifest of a backup", "tocsin backup writes them") from None
