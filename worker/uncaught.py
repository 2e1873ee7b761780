"""What Celery's own command says when it cannot go on: a sentence, as `tocsin` does, and no traceback."""

import sys
from collections.abc import Iterator
from types import TracebackType

from redis.exceptions import RedisError

import settings
from settings.urls import masked


def speak_plainly() -> None:
    """From now on, what ends this process unforeseen and is no fault of the program is said in a sentence."""
    sys.excepthook = _say


def _say(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sentence = said(error)
    if sentence is None:
        sys.__excepthook__(kind, error, trace)
    else:
        sys.stderr.write(f"Error: {sentence}\n")


def said(error: BaseException) -> str | None:
    """The settings that are wrong, or the Redis that does not answer; None for anything else."""
    for one in _behind(error):
        if isinstance(one, settings.ConfigurationError):
            return str(one)
        if isinstance(one, RedisError):
            return f"{_redis()} cannot be used ({one}); check that it runs and that REDIS_URL is right"
    return None


def _behind(error: BaseException | None) -> Iterator[BaseException]:
    """The error and whatever led to it: Celery and kombu raise others of their own in its place."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _redis() -> str:
    url = settings.load(settings.environment()).broker_url
    return masked(url.get_secret_value()) if url else "Redis"
