"""`tocsin alerts unack`, `resolve` and `note`: giving an alert back, ending it, and writing beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy import Connection

from cli.context import load_settings
from cli.errors import NOT_SO, CommandError
from cli.output import AsJson, print_json, say
from cli.people import By, sentence, who
from cli.servers import open_database
from worker import alerts

AlertId = Annotated[int, typer.Argument(min=1, max=2**63 - 1, help="The number of the alert.")]


def unack(alert_id: AlertId, *, by: By = None, as_json: AsJson = False) -> None:
    """Give back an alert that somebody has taken.

    It is told again, and goes up again. Exits with 1 when it is over, does not exist, or nobody has it.
    """
    name = who(by)
    with _changing() as connection:
        had = alerts.unacknowledge(connection, alert_id, by=name)
    said = f"{name} has given alert {alert_id} back" if had else f"nobody has taken alert {alert_id}"
    if had and had != name:
        said = f"{name} has taken alert {alert_id} from {had}; nobody has it now"
    _answer({"alert": alert_id, "given_back": had is not None, "had": had, "message": said}, as_json=as_json)
    if had is None:
        raise typer.Exit(NOT_SO)


def resolve(
    alert_id: AlertId,
    *,
    reason: Annotated[str, typer.Option(help="Why it is over, in a few words.")],
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """End an open alert by hand.

    Whoever was told of it is told of its end. If the breach goes on, a new alert opens once it has lasted
    again. Exits with 1 when the alert is over or does not exist.
    """
    name, why = who(by), sentence("--reason", reason)
    with _changing() as connection:
        alerts.resolve(connection, alert_id, by=name, reason=why)
    said = f"{name} has ended alert {alert_id}; if the breach goes on, a new one opens"
    _answer({"alert": alert_id, "resolved": True, "message": said}, as_json=as_json)


def note(
    alert_id: AlertId,
    text: Annotated[str, typer.Argument(help="What there is to say.")],
    *,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Write something down beside an alert.

    It is sent to nobody. The alert may be open or over.
    """
    name, words = who(by), sentence("TEXT", text)
    with _changing() as connection:
        alerts.note(connection, alert_id, by=name, text=words)
    said = f"noted beside alert {alert_id}"
    _answer({"alert": alert_id, "noted": True, "message": said}, as_json=as_json)


@contextmanager
def _changing() -> Iterator[Connection]:
    """A transaction; that an alert is not there, or is over, is said in a sentence."""
    with open_database(load_settings(), "alerts") as engine, engine.begin() as connection:
        try:
            yield connection
        except alerts.NoSuchAlert as nothing:
            raise CommandError(str(nothing), "tocsin alerts list shows what is open") from None


def _answer(document: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
    else:
        say(str(document["message"]))
