"""Values that are made at every tick, of many fields: frozen for mypy, and made without the price of it."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(field_specifiers=(field,), frozen_default=True)
def value(kind: type[T]) -> type[T]:
    """A dataclass whose fields are read-only to mypy.

    At run time nothing guards them: a frozen dataclass sets each field through object.__setattr__, which
    makes one of 41 fields four times as dear as this.
    """
    return dataclass(slots=True)(kind)
