"""`tocsin schedule`: what runs when, when it last did, and what was missed."""

from collections.abc import Sequence
from datetime import timedelta

import typer
from rich.text import Text

from cli.context import load_settings
from cli.group import single
from cli.output import AsJson, print_json, table
from cli.servers import open_database
from models import clock
from worker.timetable import Line, timetable

app = single()


@app.command(epilog="Example: tocsin schedule --json")
def schedule(*, as_json: AsJson = False) -> None:
    """Show each entry of the schedule: its last run and its next, how late it is, and what was missed.

    Misses are counted over a week for chores and over an hour for what runs every few seconds. Exits with 1
    when something is late.
    """
    with open_database(load_settings(), "schedule") as engine, engine.connect() as connection:
        lines = timetable(connection, clock.now(connection))
    if as_json:
        print_json(lines)
    else:
        _table(lines)
    if any(line.late for line in lines):
        raise typer.Exit(1)


def _table(lines: Sequence[Line]) -> None:
    table(
        ("TASK", "EVERY", "QUEUE", "LAST (UTC)", "OUTCOME", "NEXT (UTC)", "LATE", "MISSED"),
        [
            (
                line.task,
                span(line.every),
                line.queue,
                line.last,
                line.outcome,
                line.next,
                Text(span(line.late), style="bold red") if line.late else None,
                Text(f"{line.missed:,} of {line.due:,}", style="yellow" if line.missed else ""),
            )
            for line in lines
        ],
        numbers=("LATE", "MISSED"),
    )


def span(length: timedelta) -> str:
    """A length of time in its largest unit, as 5 s or 3 h."""
    seconds = length.total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"
