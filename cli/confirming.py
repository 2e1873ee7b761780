"""Asking before something is deleted; a program, which nobody can ask, has to say yes at once."""

import sys
from typing import Annotated

import typer

from cli.errors import NOT_SO, USAGE, CommandError
from cli.output import say

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


def confirmed(sentence: str, *, yes: bool) -> None:
    """Say what would happen and ask whether it may; raises CommandError when it may not."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(f"{sentence} Nobody can be asked here", "give --yes if that is meant", USAGE)
    say(sentence)
    if not typer.confirm("Go on?", default=False):
        raise CommandError("nothing was changed", code=NOT_SO)
