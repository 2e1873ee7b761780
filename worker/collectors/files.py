"""The kernel's files, opened once and read again at every reading."""

import fcntl
import os
import select
from pathlib import Path

CHUNK = 32 * 1024

# A file of many records, as net/dev, answers a page at a time, and only an empty answer is its end. Less than
# half a page is the end as well, as long as no record is longer than that.
SHORT = 2048

# Enough for the first lines. An answer of so few bytes fits into memory that Python has at hand.
BEGINNING = 448


class Descriptor:
    """An open file by its number, closed when nobody holds it any more.

    So no thread can read from a number that another thread has closed, and that is another file's by now.
    """

    __slots__ = ("number",)

    def __init__(self, number: int) -> None:
        self.number = number

    @classmethod
    def of(cls, path: str) -> "Descriptor":
        """Open a file to read it."""
        return cls(os.open(path, os.O_RDONLY | os.O_CLOEXEC))

    def above(self, least: int) -> "Descriptor":
        """The same file once more, by a number that is not less; OSError when there is none left."""
        return Descriptor(fcntl.fcntl(self.number, fcntl.F_DUPFD_CLOEXEC, least))

    def __del__(self) -> None:
        os.close(self.number)


class KernelFiles:
    """Files under `root` that stay open between readings, for opening costs three times what reading does.

    Made for /proc and /sys, whose files answer anew whenever they are read from the start.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        # To join Paths takes longer than to look for a file that is not there, as limits mostly are not.
        self._root = str(root).rstrip("/")
        self._open: dict[str, Descriptor] = {}
        self._watched: dict[str, tuple[select.poll, Descriptor]] = {}

    def read(self, path: str, at_most: int = CHUNK) -> bytes:
        """What the file `path` (relative to the root) says now; OSError names it.

        Who needs no more than the BEGINNING need not make the kernel say a long file twice, only to hear that
        there is no more.
        """
        try:
            descriptor = self._open.get(path) or self._descriptor(path)
            content = os.pread(descriptor.number, at_most, 0)
            return content if len(content) < SHORT else _whole(descriptor, content)
        except OSError as error:
            # What went away may come back as another file: open it anew next time.
            self._forget(path)
            raise OSError(error.errno, error.strerror, f"{self._root}/{path}") from error

    def read_anew(self, path: str) -> bytes:
        """The same of a file that is not kept open, for the kernel does its work when it is opened."""
        return _whole(Descriptor.of(f"{self._root}/{path}"), b"")

    def changed(self, path: str) -> bool:
        """Whether a file that announces its changes, as mountinfo does, has changed since last asked."""
        watched = self._watched.get(path)
        if watched is not None:
            return bool(watched[0].poll(0))
        watch, descriptor = select.poll(), self._descriptor(path)
        watch.register(descriptor.number, select.POLLPRI)
        self._watched[path] = watch, descriptor
        return True

    def close(self) -> None:
        self._watched.clear()
        self._open.clear()

    def _descriptor(self, path: str) -> Descriptor:
        descriptor = self._open.get(path)
        if descriptor is None:
            descriptor = self._open[path] = Descriptor.of(f"{self._root}/{path}")
        return descriptor

    def _forget(self, path: str) -> None:
        self._watched.pop(path, None)
        self._open.pop(path, None)


def _whole(descriptor: Descriptor, content: bytes) -> bytes:
    while more := os.pread(descriptor.number, CHUNK, len(content)):
        content += more
    return content
