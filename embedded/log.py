"""The log file of one program: kept small between runs, and quoted when the program fails."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

ROTATE_AT = 10 * 1024 * 1024  # bytes
KEPT = 3  # older files
QUOTED_LINES = 12
QUOTED_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Log:
    """A file that a program's output is appended to, and where in it this run begins, in bytes."""

    path: Path
    begins_at: int

    @classmethod
    def begin(cls, path: Path) -> Self:
        """A new run's log at `path`; a file that has grown over 10 MiB is put aside as `path.1` first."""
        path.parent.mkdir(mode=0o700, exist_ok=True)
        size = path.stat().st_size if path.exists() else 0
        if size > ROTATE_AT:
            _rotate(path)
            size = 0
        return cls(path, size)

    def appending(self) -> BinaryIO:
        """The file, open for appending, readable by its owner alone."""
        return open(self.path, "ab", buffering=0, opener=_privately)

    def quote(self) -> str:
        """The last lines of this run, introduced by the name of the file."""
        with self.path.open("rb") as file:
            file.seek(max(self.begins_at, self.path.stat().st_size - QUOTED_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
        if not lines:
            return f"Its log {self.path} says nothing."
        return "\n  ".join([f"The end of its log {self.path}:", *lines[-QUOTED_LINES:]])


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _rotate(path: Path) -> None:
    for number in range(KEPT, 0, -1):
        older = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))
