"""Reading a small text file that a person named, with a sentence for each way in which that fails."""

import codecs
import stat
from pathlib import Path

from settings.problems import FaultError, shown


def text_of(path: Path, *, largest: int) -> str:
    """The text of a file of at most `largest` bytes, without a byte order mark.

    Raises `FaultError` when it is missing, no file, not readable, too large, empty or not UTF-8; the fault
    completes "it names …".
    """
    place = shown(path)
    try:
        # A pipe would block until somebody writes into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise FaultError(f"{place}, which is not a file", "name a file")
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise FaultError(
            f"{place}, which cannot be read ({error.strerror})", "correct the path, or the rights of the file"
        ) from None
    except ValueError:
        raise FaultError(f"{place}, which is no path", "correct the path") from None
    if len(content) > largest:
        raise FaultError(f"{place}, which is larger than {largest // 1024} kB", "name another file")
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise FaultError(f"{place}, which is not text in UTF-8", "save it as UTF-8") from None
    if not text.strip():
        raise FaultError(f"{place}, which is empty", "fill it, or name another file")
    return text


def secret_in(path: Path) -> str:
    """A secret from a file of its own, without the line break that editors leave at the end.

    Raises `FaultError` as `text_of` does.
    """
    # No secret is longer, and a wrong path may lead to a disk image.
    return text_of(path, largest=64 * 1024).removesuffix("\n").removesuffix("\r")
