"""Every event that the code logs, read from the code: its name, its levels and its fields."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = ("cli", "embedded", "exporter", "models", "notifications", "policy", "tracing", "watchdog", "worker")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGERS = {"log", "told"}
# What a traceback is in a line is no field of ours.
NO_FIELDS = {"exc_info"}


@dataclass
class Event:
    """What is known of an event; `levels` in the words of the lines."""

    levels: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


def events() -> dict[str, Event]:
    """Every event by its name; raises ValueError for a name that is not constant."""
    found: dict[str, Event] = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for name, level, fields in _in(file):
                event = found.setdefault(name, Event())
                event.levels.add("error" if level == "exception" else level)
                event.fields |= fields
    return found


def _in(file: Path) -> Iterator[tuple[str, str, set[str]]]:
    tree = ast.parse(file.read_text("utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            bound = {name for call in calls if _method(call) == "bind" for name in _fields(call)}
            for call in calls:
                level = _method(call)
                if level in LEVELS:
                    named = call.args[0] if call.args else None
                    if not isinstance(named, ast.Constant):
                        raise ValueError(f"{file}:{call.lineno}: the name of an event is a constant")
                    bound_here = bound if _logger(call) == "told" else set()
                    yield str(named.value), level, _fields(call) | bound_here


def _method(call: ast.Call) -> str:
    """The method of a logger that is called, empty for any other call."""
    return call.func.attr if isinstance(call.func, ast.Attribute) and _logger(call) in LOGGERS else ""


def _logger(call: ast.Call) -> str:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return owner.id if isinstance(owner, ast.Name) else ""


def _fields(call: ast.Call) -> set[str]:
    return {one.arg for one in call.keywords if one.arg} - NO_FIELDS
