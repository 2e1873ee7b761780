"""The kernel's files, opened once and read again at every reading."""

import os
import select
import threading
from pathlib import Path

CHUNK = 32 * 1024

# A file of many records, as net/dev, answers a page at a time, and only an empty answer is its end. Less than
# half a page is the end as well, as long as no record is longer than that.
SHORT = 2048


class KernelFiles:
    """Files under `root` that stay open between readings, for opening costs three times what reading does.

    Made for /proc and /sys, whose files answer anew whenever they are read from the start.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: dict[str, int] = {}
        self._watched: dict[str, select.poll] = {}
        self._lock = threading.Lock()

    def read(self, path: str) -> bytes:
        """All that the file `path` (relative to the root) says now; OSError names the file."""
        with self._lock:
            try:
                descriptor = self._open.get(path) or self._descriptor(path)
                content = os.pread(descriptor, CHUNK, 0)
                return content if len(content) < SHORT else _whole(descriptor, content)
            except OSError as error:
                # What went away may come back as another file: open it anew next time.
                self._forget(path)
                raise OSError(error.errno, error.strerror, str(self.root / path)) from error

    def read_anew(self, path: str) -> bytes:
        """The same of a file that is not kept open, for the kernel does its work when it is opened."""
        descriptor = os.open(self.root / path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return _whole(descriptor, b"")
        finally:
            os.close(descriptor)

    def changed(self, path: str) -> bool:
        """Whether a file that announces its changes, as mountinfo does, has changed since last asked."""
        with self._lock:
            watch = self._watched.get(path)
            if watch is not None:
                return bool(watch.poll(0))
            watch = select.poll()
            watch.register(self._descriptor(path), select.POLLPRI)
            self._watched[path] = watch
            return True

    def close(self) -> None:
        for path in list(self._open):
            self._forget(path)

    def __del__(self) -> None:
        self.close()

    def _descriptor(self, path: str) -> int:
        descriptor = self._open.get(path)
        if descriptor is None:
            descriptor = self._open[path] = os.open(self.root / path, os.O_RDONLY | os.O_CLOEXEC)
        return descriptor

    def _forget(self, path: str) -> None:
        self._watched.pop(path, None)
        descriptor = self._open.pop(path, None)
        if descriptor is not None:
            os.close(descriptor)


def _whole(descriptor: int, content: bytes) -> bytes:
    while more := os.pread(descriptor, CHUNK, len(content)):
        content += more
    return content
