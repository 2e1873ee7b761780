"""The log file of one program: kept small between runs, and quoted when the program fails."""

import os
from pathlib import Path
from typing import Self

ROTATE_AT = 10 * 1024 * 1024  # bytes
KEPT = 3  # older files
QUOTED_LINES = 12


class Log:
    """A file that a program's output is appended to, and where in it this run begins."""

    def __init__(self, path: Path, fileno: int) -> None:
        self.path = path
        self.fileno = fileno
        self._begin = os.fstat(fileno).st_size

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open `path` for appending; one that has grown over 10 MiB is put aside as `path.1` first."""
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and path.stat().st_size > ROTATE_AT:
            _rotate(path)
        return cls(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))

    def quote(self) -> str:
        """The last lines of this run, introduced by the name of the file."""
        with self.path.open("rb") as file:
            file.seek(self._begin)
            lines = file.read().decode(errors="replace").splitlines()
        if not lines:
            return f"Its log {self.path} says nothing."
        return "\n  ".join([f"The end of its log {self.path}:", *lines[-QUOTED_LINES:]])

    def close(self) -> None:
        os.close(self.fileno)


def _rotate(path: Path) -> None:
    for number in range(KEPT, 0, -1):
        older = path if number == 1 else path.with_name(f"{path.name}.{number - 1}")
        if older.exists():
            older.replace(path.with_name(f"{path.name}.{number}"))
