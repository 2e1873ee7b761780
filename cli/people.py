"""Who uses a command, and what they say: names and sentences that are kept beside what they did."""

import os
import pwd
from typing import Annotated

import typer

from cli.errors import USAGE, CommandError

# So much of a sentence is kept; more belongs into a ticket.
LONGEST = 1_000

By = Annotated[str | None, typer.Option(help="Who does it; by default the user of this machine.")]


def who(by: str | None) -> str:
    """The name that was given, else the user of this machine; raises CommandError when it names nobody."""
    name = (_user() if by is None else by).strip()
    if not name or not name.isprintable():
        raise CommandError("--by: it names nobody", "give a name, such as --by anna", USAGE)
    if len(name) > LONGEST:
        raise CommandError(f"--by: it is longer than {LONGEST} characters", "give a shorter name", USAGE)
    return name


def sentence(option: str, text: str) -> str:
    """What somebody wrote, on one line; raises CommandError when it says nothing."""
    words = " ".join(text.split())
    if not words or not words.isprintable():
        raise CommandError(f"{option}: it says nothing", "write a few words that others understand", USAGE)
    if len(words) > LONGEST:
        raise CommandError(f"{option}: it is longer than {LONGEST} characters", "write less", USAGE)
    return words


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
