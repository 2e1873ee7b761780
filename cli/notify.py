"""`tocsin notify`: trying a destination out, with a test or with something that was sent before."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.context import RulesFile, load_policy, load_settings
from cli.errors import NOT_SO, USAGE, CommandError
from cli.group import group
from cli.logs import log_beside_the_result
from cli.output import AsJson, print_json, say
from cli.people import By, who
from cli.servers import open_database
from notifications.channels.base import Message
from notifications.notice import Notice
from notifications.rendering import Renderer
from notifications.trial import (
    Mark,
    Step,
    Tried,
    UnknownDestinationError,
    letter,
    made_up_notice,
    named,
    stored_notice,
    try_out,
)
from policy import AnyDestination, Policy
from settings import Settings

app = group(
    "Try a destination out: every step on the way to it, and a message that says that it is a test.",
    "tocsin notify test --to slack",
)

To = Annotated[str, typer.Option("--to", metavar="DESTINATION", help="Its name, as in tocsin.toml.")]
Number = Annotated[
    int, typer.Argument(metavar="DELIVERY", min=1, max=2**63 - 1, help="The number of the delivery.")
]


@app.command("test", epilog="Example: tocsin notify test --to email")
def try_it(*, to: To, by: By = None, file: RulesFile = None, as_json: AsJson = False) -> None:
    """Send a message that says that it is a test, and show every step on its way.

    Name, connection, encryption, login, and what the other side calls the message. No alert is opened and no
    cooldown begins. Exits with 1 when it does not arrive.
    """
    name, settings = who(by), load_settings()
    destination = _named(load_policy(settings, file), to)
    notice = made_up_notice(settings.host_name, datetime.now(UTC))
    _send(settings, destination, notice, Mark.test(to, name), as_json=as_json)


@app.command(epilog="Example: tocsin notify replay 7 --to console")
def replay(number: Number, *, to: To, by: By = None, file: RulesFile = None, as_json: AsJson = False) -> None:
    """Send what a delivery told once more, to any destination, marked as a replay.

    The delivery, its alert and every cooldown stay as they are. Exits with 1 when it does not arrive.
    """
    name, settings = who(by), load_settings()
    destination = _named(load_policy(settings, file), to)
    with open_database(settings, "notify") as engine, engine.connect() as connection:
        found = stored_notice(connection, number, runbooks=settings.runbook_url)
    if found is None:
        raise CommandError(f"there is no delivery {number}", "tocsin deliveries list shows which there are")
    notice, first = found
    _send(settings, destination, notice, Mark.replay(number, first, name), as_json=as_json)


def _named(policy: Policy, name: str) -> AnyDestination:
    try:
        return named(policy, name)
    except UnknownDestinationError as unknown:
        raise CommandError(f"--to: {unknown}", unknown.remedy, USAGE) from None


def _send(
    settings: Settings, destination: AnyDestination, notice: Notice, mark: Mark, *, as_json: bool
) -> None:
    log_beside_the_result()
    renderer = Renderer(settings.tocsin_templates)

    def written(recipient: str) -> Message:
        return letter(notice, mark, renderer, recipient)

    # What the console shows is the message; where programs read, it stands beside the result.
    console = sys.stderr if as_json else sys.stdout
    tried = asyncio.run(try_out(destination, written, console, _silent if as_json else _teller(destination)))
    if as_json:
        print_json(tried)
    else:
        say(_sum(tried))
    if not all(one.ok for one in tried):
        raise typer.Exit(NOT_SO)


def _silent(_recipient: str, _step: Step) -> None:
    """Programs get everything at the end."""


def _teller(destination: AnyDestination) -> Callable[[str, Step], None]:
    """Prints each step when it is over, under a line that says for whom it is."""
    begun: set[str] = set()

    def tell(recipient: str, step: Step) -> None:
        if recipient not in begun:
            begun.add(recipient)
            say(f"{destination.name} ({destination.kind}){f', {recipient}' if recipient else ''}")
        state = "ok" if step.ok else "FAILED"
        say(f"  {step.name:<11} {state:<6} {step.ms:>8.1f} ms  {step.said}".rstrip())
        if step.remedy:
            say(f"  {step.remedy}")
        sys.stdout.flush()

    return tell


def _sum(tried: Sequence[Tried]) -> str:
    arrived = sum(one.ok for one in tried)
    if arrived == len(tried):
        return "accepted"
    return f"accepted {arrived} of {len(tried)}" if arrived else "not accepted"
