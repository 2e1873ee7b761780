"""Values in the terms of JSON, for `--json`."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import singledispatch
from typing import Any

from pydantic import SecretStr

from settings import MASK


@singledispatch
def plain(value: Any) -> Any:
    """A value in the terms of JSON: dataclasses as objects, times in UTC, durations in seconds.

    Secrets are masked, what JSON has no word for becomes text, and a number that is none becomes null.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: plain(getattr(value, part.name)) for part in fields(value)}
    return str(value)


@plain.register(int)
@plain.register(type(None))
def _as_it_is(value: int | None) -> int | None:
    return value


@plain.register
def _text(value: str) -> str:
    # What came from the kernel may hold lone surrogates, which no UTF-8 can.
    return value.encode("utf-8", "replace").decode()


@plain.register
def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


@plain.register
def _enum(value: Enum) -> Any:
    return plain(value.value)


@plain.register
def _secret(_: SecretStr) -> str:
    return MASK


@plain.register
def instant(value: datetime) -> str:
    """An aware time as `2026-11-21T03:12:05Z`, with microseconds where it has any."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


@plain.register
def _span(value: timedelta) -> float:
    return value.total_seconds()


@plain.register(Mapping)
def _object(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(plain(key)): plain(item) for key, item in value.items()}


@plain.register(list)
@plain.register(tuple)
def _array(value: Iterable[Any]) -> list[Any]:
    return [plain(item) for item in value]


@plain.register(set)
@plain.register(frozenset)
def _set(value: Iterable[Any]) -> list[Any]:
    return sorted((plain(item) for item in value), key=str)
