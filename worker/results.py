"""The results of tasks, as people read them."""

from collections.abc import Iterator
from typing import Any


def lines(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """A result as lines of a name and a text, parts of parts with the names of both."""
    match value:
        case dict() if value:
            for key, part in value.items():
                yield from lines(part, f"{name} {key}".strip().replace("_", " "))
        case list() if any(isinstance(part, dict | list) for part in value):
            for number, part in enumerate(value, start=1):
                yield from lines(part, f"{name} {number}")
        case list() | dict():
            yield name, ", ".join(str(part) for part in value) or "none"
        case bool():
            yield name, "yes" if value else "no"
        case "":
            pass
        case int():
            yield name, f"{value:,}"
        case _:
            yield name, "none" if value is None else str(value)
