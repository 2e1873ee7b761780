"""What went wrong, as sentences and an exit code; errors that nobody foresaw are not among them."""

import errno
import sys
from dataclasses import dataclass
from typing import Any

from settings import SettingsError, environment, load, masked, shown
from settings.problems import ConfigurationError

OK = 0
NOT_SO = 1
USAGE = 2
# From sysexits.h: a service is not available, a bug, output cannot be written, no permission.
UNAVAILABLE = 69
SOFTWARE = 70
IO = 74
NO_PERMISSION = 77
# As a shell reports a death by signal: 128 and its number, SIGINT 2 and SIGPIPE 13.
INTERRUPTED = 130
PIPE_CLOSED = 141

# Of class 42 (syntax error or access rule violation): no such table, no such schema.
_NOT_MIGRATED = ("42P01", "3F000")


class CommandError(Exception):
    """What a command cannot do, in one sentence, with the remedy; `code` is the exit code."""

    def __init__(self, fault: str, remedy: str = "", code: int = NOT_SO) -> None:
        super().__init__(f"{fault}; {remedy}" if remedy else fault)
        self.code = code


@dataclass(frozen=True, slots=True)
class Failure:
    """What the person reads, one sentence a line, and what the shell gets."""

    sentences: tuple[str, ...]
    code: int


def foreseen(error: BaseException) -> Failure | None:
    """How to say an error that may well happen, None for a bug."""
    match error:
        case ConfigurationError():
            return Failure(tuple(str(problem) for problem in error.problems), USAGE)
        case CommandError():
            return Failure((str(error),), error.code)
        case OSError(errno=errno.ENOSPC):
            remedy = "make room and run it again"
            return Failure((f"the output cannot be written, the disk is full; {remedy}",), IO)
        case PermissionError(filename=str() as path):
            fault = f"{shown(path)} cannot be used ({error.strerror})"
            return Failure((f"{fault}; run this as its owner, or correct the rights",), NO_PERMISSION)
    for module, name, say in _FOREIGN:
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            failure: Failure | None = say(error)
            return failure
    return None


def _embedded(error: Any) -> Failure:
    return Failure((str(error),), UNAVAILABLE)


def _database(error: Any) -> Failure:
    reason = _first_line(getattr(error, "orig", None) or error)
    where = _address("database_url", "PostgreSQL under TOCSIN_HOME")
    remedy = "check that it runs and that DATABASE_URL is right, or start everything with tocsin up"
    return Failure((f"{where} cannot be reached ({reason}); {remedy}",), UNAVAILABLE)


def _tables(error: Any) -> Failure | None:
    if getattr(getattr(error, "orig", None) or error, "sqlstate", None) not in _NOT_MIGRATED:
        return None
    where = _address("database_url", "PostgreSQL under TOCSIN_HOME")
    remedy = "run tocsin up, or migrate it with tocsin db upgrade"
    return Failure((f"{where} lacks tables of Tocsin ({_first_line(error.orig)}); {remedy}",), UNAVAILABLE)


def _redis(error: Any) -> Failure:
    where = _address("redis_url", "Redis under TOCSIN_HOME")
    remedy = "check that it runs and that REDIS_URL is right, or start everything with tocsin up"
    return Failure((f"{where} cannot be reached ({_first_line(error)}); {remedy}",), UNAVAILABLE)


def _address(field: str, otherwise: str) -> str:
    """The server that a setting names, without its password."""
    try:
        url = getattr(load(environment()), field)
    except SettingsError:
        return otherwise
    return masked(url.get_secret_value()) if url else otherwise


def _first_line(error: object) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


# An error can only come from a module that is loaded, so none is imported for this.
_FOREIGN: tuple[tuple[str, str, Any], ...] = (
    ("embedded.error", "EmbeddedError", _embedded),
    ("sqlalchemy.exc", "OperationalError", _database),
    ("sqlalchemy.exc", "ProgrammingError", _tables),
    ("psycopg", "OperationalError", _database),
    ("redis.exceptions", "ConnectionError", _redis),
    ("redis.exceptions", "TimeoutError", _redis),
    ("kombu.exceptions", "OperationalError", _redis),
)
