"""Before anything that uses Redis is started: it must answer, and no message may vanish in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cli.errors import UNAVAILABLE, CommandError
from cli.output import warn
from worker.redis_fitness import Unfit, require, wait_until_fit

Say = Callable[[str], None]


def refuse_unfit(url: str) -> None:
    """Raise CommandError where messages could vanish; say what else is amiss. Connects once.

    Raises redis.exceptions.RedisError when it does not answer.
    """
    with _refusing():
        for one in require(url):
            warn(str(one))


def wait_until_it_is_fit(url: str, say: Say) -> None:
    """Wait for a Redis that answers; raises CommandError where messages could vanish in it."""
    with _refusing():
        for one in wait_until_fit(url, say):
            warn(str(one))


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except Unfit as error:
        raise CommandError(error.shortcoming.fault, error.shortcoming.remedy, UNAVAILABLE) from None
