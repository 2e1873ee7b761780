"""How every command prints: tables and sentences for people, JSON for programs, warnings beside both."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.documents import plain

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs; times are ISO 8601 in UTC.")]

# Wide enough for every table: what goes into a file or a pipe is neither wrapped nor cut.
NOT_A_TERMINAL = 10_000


def console() -> Console:
    """The console for people, on standard output as it is at this moment."""
    return Console(
        width=None if sys.stdout.isatty() else NOT_A_TERMINAL,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
    )


def say(sentence: str) -> None:
    """Print one line of a result."""
    print(printable(sentence))  # noqa: T201 - this is where the command prints


def warn(sentence: str) -> None:
    """Say beside the result what looks like a mistake."""
    print(f"warning: {printable(sentence)}", file=sys.stderr)  # noqa: T201 - as above


def complain(sentence: str) -> None:
    """Say what went wrong."""
    print(f"tocsin: {printable(sentence)}", file=sys.stderr)  # noqa: T201 - as above


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """Print a table; the columns named in `numbers` are aligned to the right, None is shown as a dash."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(Text(column), justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(cell if isinstance(cell, Text) else Text(_cell(cell)) for cell in row))
    console().print(shown)


def print_json(document: object) -> None:
    """Print a value as JSON, as `documents.plain` spells it, in ASCII, which everything can read."""
    say(json.dumps(plain(document), indent=2, allow_nan=False))


def printable(text: str) -> str:
    """Text without power over a terminal: hosts and processes choose their names, escape codes included."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _cell(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:,.6g}"
        case tuple() | list():
            return ", ".join(_cell(item) for item in value) or "-"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
    return printable(str(value))
