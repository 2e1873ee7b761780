"""Reading a small text file that a person named, with words for each way in which that fails."""

import codecs
import stat
from pathlib import Path

from settings.problems import FaultError

LARGEST_SECRET = 64 * 1024  # no secret is longer, and a wrong path may lead to a disk image


def text_of(path: Path, *, largest: int) -> str:
    """The text of a file of at most `largest` bytes, without a byte order mark.

    Raises `FaultError`, whose fault completes "the file …", when it is missing, no file, not readable, too
    large, empty or not UTF-8.
    """
    if "\0" in str(path):
        raise FaultError("cannot be read (its path holds a NUL)", "correct the path")
    try:
        content = _beginning(path, largest + 1)
    except OSError as error:
        raise FaultError(
            f"cannot be read ({error.strerror})", "correct the path, or the rights of the file"
        ) from None
    if content is None:
        raise FaultError("is not a file", "name a file")
    if len(content) > largest:
        raise FaultError(f"is larger than {largest // 1024} kB", "name another file")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise FaultError("is not text in UTF-8", "save it as UTF-8") from None
    if not text.strip():
        raise FaultError("is empty", "fill it, or name another file")
    return text


def _beginning(path: Path, most: int) -> bytes | None:
    """The first bytes of a regular file, None for another kind: a pipe would block until somebody writes."""
    if not stat.S_ISREG(path.stat().st_mode):
        return None
    with path.open("rb") as file:
        return file.read(most)


def secret_in(path: Path) -> str:
    """A secret from a file of its own, without the line break that editors leave at the end.

    Raises `FaultError` as `text_of` does.
    """
    return text_of(path, largest=LARGEST_SECRET).removesuffix("\n").removesuffix("\r")
