"""What is written down when work fails, whatever it fails of: the error goes on to whoever asked for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def told_of_failure(write: Callable[[Exception], None]) -> Iterator[None]:
    """Tell `write` of the error that ends the block, and let it go on.

    A task may fail of anything at all, and none may fail without a line; so this is the one place that
    looks at every kind of error.
    """
    try:
        yield
    except Exception as error:
        write(error)
        raise
