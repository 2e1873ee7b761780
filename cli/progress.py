"""How far long work has come: a bar on a terminal, some lines elsewhere, always beside the result."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

# How many parts are done, of how many, and which was the last.
Tell = Callable[[int, int, object], None]

# Work of fewer parts is over before a line of it is read.
WORTH_A_LINE, LINES = 20, 10


@contextmanager
def progress(doing: str) -> Iterator[Tell]:
    """Show the parts of `doing` on standard error as they are told of."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _line
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(doing, total=None)

        def tell(done: int, total: int, part: object) -> None:
            bar.update(task, completed=done, total=total, description=str(part))

        yield tell


def _line(done: int, total: int, part: object) -> None:
    """One line for each tenth of the work."""
    if total >= WORTH_A_LINE and done * LINES // total != (done - 1) * LINES // total:
        typer.echo(f"{done:,} of {total:,}: {part}", err=True)
