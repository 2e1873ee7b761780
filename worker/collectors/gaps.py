"""What could not be read: never fatal, never invented, always named with its reason."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import psutil

from domain.rates import Rate
from worker.collectors.names import visible

M = TypeVar("M")
T = TypeVar("T")


class UnknownError(ValueError):
    """The machine does not say it; the message is the reason in words."""


def attempt(missing: dict[str, str], fields: Iterable[str], read: Callable[[M], T], machine: M) -> T | None:
    """What `read` makes of the machine; if it cannot, None, and `missing` names the fields and the reason."""
    try:
        return read(machine)
    except (OSError, ValueError, LookupError, psutil.Error) as error:
        missing.update(dict.fromkeys(fields, why(error)))
        return None


def known(missing: dict[str, str], field: str, rate: Rate) -> float | None:
    """The rate; if there is none, None, and `missing` says why, unless it knows a better reason already."""
    if isinstance(rate, str):
        missing.setdefault(field, rate)
        return None
    return rate


def why(error: Exception) -> str:
    """The reason in words, as `/proc/stat: Permission denied`."""
    if isinstance(error, OSError) and error.strerror:
        return f"{visible(error.filename)}: {error.strerror}" if error.filename else error.strerror
    if isinstance(error, UnknownError | psutil.Error):
        return visible(str(error))
    return visible(f"the kernel's answer was not understood: {error}")
