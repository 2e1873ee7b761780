"""`tocsin hold`: keeping the history of some time whatever its retention, and letting go of it."""

from datetime import datetime
from typing import Annotated

import typer

from cli.context import load_settings
from cli.errors import USAGE, CommandError
from cli.group import group
from cli.output import AsJson, print_json, say
from cli.people import By, sentence, who
from cli.servers import open_database
from cli.times import moment
from worker.retention import holds
from worker.retention.holds import Held

app = group(
    "Keep the history of some time beyond its retention.",
    'tocsin hold add q4 --from 2026-11-20 --to 2026-11-22 --reason "audit"',
)

Name = Annotated[str, typer.Argument(metavar="HOLD", help="Its name, as q4.")]


@app.command("add", epilog="Example: tocsin hold add q4 --from 2026-11-20 --to 2026-11-22 --reason audit")
def add_(
    name: Name,
    *,
    start: Annotated[str, typer.Option("--from", help="From this time on, in UTC.")],
    end: Annotated[str, typer.Option("--to", help="Up to this time, which is left out.")],
    reason: Annotated[str, typer.Option(help="Why, in a few words; everybody sees it.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Keep what happened in that time: raw rows, by whole days, roll-ups, and alerts with their messages.

    It stays until the hold is ended; cleanup says what it leaves because of it.
    """
    called, person, why = sentence("HOLD", name), who(by), sentence("--reason", reason)
    begins, ends = _span(start, end)
    with open_database(load_settings(), "hold") as engine, engine.begin() as connection:
        try:
            held = holds.add(connection, called, begins, ends, by=person, why=why)
        except holds.NameTakenError as taken:
            raise CommandError(str(taken), "give another name, or end that one first") from None
    _tell(held, f"{_about(held)} stays until the hold is ended", as_json=as_json)


@app.command("list", epilog="Example: tocsin hold list --all")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the holds, with who set them and why."""
    with open_database(load_settings(), "hold") as engine, engine.connect() as connection:
        found = holds.listed(connection, everything=everything)
    if as_json:
        print_json(found)
        return
    for held in found:
        over = f", ended by {held.ended_by} {held.ended_at:%Y-%m-%d %H:%M}" if held.ended_at else ""
        say(f"{held.name}: {_about(held)}, set by {held.created_by}{over}: {held.reason}")
    if not found:
        say("there is no hold" if everything else "nothing is held")


@app.command("end", epilog="Example: tocsin hold end q4 --by anna")
def end_(name: Name, *, by: By = None, as_json: AsJson = False) -> None:
    """End a hold; the next cleanup removes what is past its retention.

    Exits with 1 when no such hold holds.
    """
    person = who(by)
    with open_database(load_settings(), "hold") as engine, engine.begin() as connection:
        try:
            held = holds.end(connection, name, by=person)
        except holds.NoSuchHoldError as nothing:
            raise CommandError(str(nothing), "tocsin hold list shows which there are") from None
    _tell(held, f"ended by {person}; {_about(held)} goes when it is past its retention", as_json=as_json)


def _span(start: str, end: str) -> tuple[datetime, datetime]:
    begins, ends = moment("--from", start), moment("--to", end)
    if ends <= begins:
        raise CommandError("--from does not come before --to", "correct the times", USAGE)
    return begins, ends


def _about(held: Held) -> str:
    return f"history from {held.starts_at:%Y-%m-%d %H:%M} to {held.ends_at:%Y-%m-%d %H:%M} UTC"


def _tell(held: Held, words: str, *, as_json: bool) -> None:
    if as_json:
        print_json(held)
    else:
        say(f"hold {held.name}: {words}")
