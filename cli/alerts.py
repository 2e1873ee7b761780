"""`tocsin alerts`: what is and was the matter, everything about one alert, and what to do about it."""

from datetime import UTC
from typing import Annotated

import typer
from sqlalchemy import Connection

from cli.alerting import changes, pages
from cli.alerting.changes import AlertId
from cli.alerting.queries import Wanted, listed, shown
from cli.context import load_settings
from cli.errors import NOT_SO, CommandError
from cli.group import group
from cli.output import AsJson, print_json, say
from cli.people import By, who
from cli.servers import open_database
from cli.times import Since
from cli.times import since as since_when
from domain.severity import Severity
from models import clock
from worker.alerts import NoSuchAlert, acknowledge

app = group("List alerts, show one, take it, end it.", "tocsin alerts list --since 24h")


@app.command("list", epilog="Example: tocsin alerts list --all --since 7d --severity critical")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    host: Annotated[str | None, typer.Option(help="Only those of this host.")] = None,
    severity: Annotated[Severity | None, typer.Option(help="Only those that are so bad now.")] = None,
    since: Since = None,
    most: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List the open alerts, or with --all every alert, the newest first."""
    wanted = Wanted(everything=everything, host=host, severity=severity, since=since_when(since), most=most)
    with open_database(load_settings(), "alerts") as engine, engine.connect() as connection:
        alerts, now = listed(connection, wanted), clock.now(connection)
    if as_json:
        print_json(alerts)
    elif alerts:
        pages.table_of(alerts, now)
    else:
        say("no alert is open" if not everything else "there is no such alert")


@app.command(epilog="Example: tocsin alerts show 12 --json")
def show(alert_id: AlertId, *, as_json: AsJson = False) -> None:
    """Show everything about an alert.

    That is what happened when, who was told or was not and why, and the evidence.
    """
    with open_database(load_settings(), "alerts") as engine, engine.connect() as connection:
        alert, now = shown(connection, alert_id), clock.now(connection)
    if alert is None:
        raise CommandError(f"there is no alert {alert_id}", "tocsin alerts list --all shows which there are")
    if as_json:
        print_json(alert)
    else:
        pages.page_of(alert, now)


@app.command(epilog="Example: tocsin alerts ack 12 --by anna")
def ack(
    alert_id: AlertId,
    *,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Take an open alert, so that nobody else is told of it unless it gets worse.

    Exits with 1 when it is over, does not exist, or somebody has taken it already.
    """
    name = who(by)
    with open_database(load_settings(), "alerts") as engine, engine.begin() as connection:
        taken, sentence = _take(connection, alert_id, name)
    if as_json:
        print_json({"alert": alert_id, "taken": taken, "message": sentence})
    else:
        say(sentence)
    if not taken:
        raise typer.Exit(NOT_SO)


app.command(epilog="Example: tocsin alerts unack 12 --by anna")(changes.unack)
app.command(epilog='Example: tocsin alerts resolve 12 --reason "the disk was swapped"')(changes.resolve)
app.command(epilog='Example: tocsin alerts note 12 "vacuum runs until 4"')(changes.note)


def _take(connection: Connection, alert_id: int, name: str) -> tuple[bool, str]:
    try:
        done = acknowledge(connection, alert_id, by=name)
    except NoSuchAlert as nothing:
        raise CommandError(str(nothing), "tocsin alerts list shows what is open") from None
    if done.taken:
        return True, f"{name} has taken alert {alert_id}"
    at = f"{done.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return False, f"alert {alert_id} was taken already, by {done.by} at {at}"
