"""What went wrong with a server or program of ours, in a sentence for the person who started it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class EmbeddedError(Exception):
    """A server or program cannot be started or kept; the message names thing, place and remedy."""


@contextmanager
def in_words(name: str, home: Path) -> Iterator[None]:
    """Turn what the system refuses while `name` is started into an EmbeddedError."""
    try:
        yield
    except OSError as error:
        place = f" on {error.filename}" if error.filename else ""
        raise EmbeddedError(
            f"{name} cannot be started: {error.strerror or error}{place}. Look who owns {home} and whether "
            "its disk is full, or set TOCSIN_HOME to another folder."
        ) from error
