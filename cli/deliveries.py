"""`tocsin deliveries`: what was sent, what waits, what could not be delivered, and trying that again."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.text import Text

from cli.context import load_settings
from cli.delivery_queries import DeliveryAttempt, ListedDelivery, State, Wanted, attempts, listed, one
from cli.errors import CommandError
from cli.explaining.story import addressee
from cli.group import group
from cli.output import AsJson, print_json, say, table
from cli.people import By, who
from cli.servers import open_database
from cli.times import Since
from cli.times import since as since_when
from notifications.quantities import moment
from notifications.retrying import NotToBeRetriedError, retry_now

app = group(
    "List the messages of the outbox, and try one again.",
    "tocsin deliveries list --state dead",
)

Number = Annotated[
    int, typer.Argument(metavar="DELIVERY", min=1, max=2**63 - 1, help="The number of the delivery.")
]
STYLES = {"dead": "bold red", "pending": "yellow", "sending": "yellow"}


@app.command("list", epilog="Example: tocsin deliveries list --state dead --destination slack --since 7d")
def list_(
    *,
    state: Annotated[State | None, typer.Option(help="Only those that stand so.")] = None,
    destination: Annotated[str | None, typer.Option(help="Only those to this destination.")] = None,
    since: Since = None,
    most: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List deliveries, the dead ones first.

    Then those that wait, then the rest; of each the newest first.
    """
    wanted = Wanted(state, destination, since_when(since), most)
    with open_database(load_settings(), "deliveries") as engine, engine.connect() as connection:
        found = listed(connection, wanted)
    if as_json:
        print_json(found)
    elif found:
        _table(found)
    else:
        say("there is no such delivery")


@app.command(epilog="Example: tocsin deliveries show 7")
def show(number: Number, *, as_json: AsJson = False) -> None:
    """Show a delivery with every attempt."""
    with open_database(load_settings(), "deliveries") as engine, engine.connect() as connection:
        found, tried = one(connection, number), attempts(connection, number)
    if found is None:
        raise _nothing(f"there is no delivery {number}")
    if as_json:
        print_json({"delivery": found, "attempts": tried})
    else:
        _page(found, tried)


@app.command(epilog="Example: tocsin deliveries retry 7 --by anna")
def retry(number: Number, *, by: By = None, as_json: AsJson = False) -> None:
    """Try a dead or a waiting delivery now.

    A dead one begins anew. Whether it is still wanted is decided again when it is sent: what is over, or
    silenced, is not told. Exits with 1 when there is nothing to try again.
    """
    name = who(by)
    with open_database(load_settings(), "deliveries") as engine, engine.begin() as connection:
        try:
            done = retry_now(connection, number, by=name)
        except NotToBeRetriedError as error:
            raise _nothing(str(error)) from None
    said = f"delivery {number} to {done.destination} was {done.was} and is due now"
    if done.left_alone_until:
        until = moment(done.left_alone_until)
        said += f"; {done.destination} has failed again and again and is not tried before {until}"
    if as_json:
        print_json(
            {"delivery": number, "was": done.was, "left_alone_until": done.left_alone_until, "message": said}
        )
    else:
        say(said)


def _nothing(fault: str) -> CommandError:
    return CommandError(fault, "tocsin deliveries list shows which there are")


def _table(found: list[ListedDelivery]) -> None:
    table(
        ("ID", "STATE", "TO", "WHAT", "ALERT", "HOST", "COMPONENT", "PLANNED (UTC)", "TRIES", "WHY"),
        [
            (
                each.id,
                Text(each.state, style=STYLES.get(each.state, "")),
                _to(each),
                f"{each.severity} {each.kind}",
                each.alert_id,
                each.host,
                each.component,
                each.created_at,
                each.tries,
                each.reason,
            )
            for each in found
        ],
        numbers=("ID", "ALERT", "TRIES"),
    )


def _page(found: ListedDelivery, tried: Sequence[DeliveryAttempt]) -> None:
    say(f"Delivery {found.id} to {_to(found)}: {found.state}")
    say(f"  {found.reason}")
    about = f"{found.severity} {found.kind}, {found.host} {found.component}"
    say(f"  it tells of alert {found.alert_id} ({about}); tocsin explain {found.alert_id} shows all of it")
    ended = f"ended {moment(found.finished_at)}" if found.finished_at else f"due {moment(found.due_at)}"
    say(f"  planned {moment(found.created_at)}, {ended}")
    facts = {
        "escalation step": found.step or None,
        "in the place of": found.fallback_for,
        "in the digest of delivery": found.digest_id,
        "first line": found.summary,
        "the provider calls it": found.provider_id,
    }
    for name, value in facts.items():
        if value is not None:
            say(f"  {name}: {value}")
    say("\nATTEMPTS")
    if tried:
        head = ("STARTED (UTC)", "MS", "OUTCOME", "ANSWER")
        table(head, [(t.started_at, t.duration_ms, t.outcome, t.answer) for t in tried], numbers=("MS",))
    else:
        say("none")


def _to(found: ListedDelivery) -> str:
    return addressee({"destination": found.destination, "recipient": found.recipient})
