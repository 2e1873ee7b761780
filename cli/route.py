"""`tocsin route test`: who would be told of an alert, with the silences that are in force now."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy.exc import OperationalError, ProgrammingError

from cli.context import RulesFile, load_policy, load_settings
from cli.errors import USAGE, CommandError
from cli.group import group
from cli.output import AsJson, print_json, warn
from cli.routing import routed, say_routed
from cli.servers import open_database, running_database
from domain.severity import Severity
from models import clock
from notifications.quiet import quiet
from notifications.silences import Quiet
from policy import Policy
from policy.metrics import component_meant
from settings import Settings, shown

app = group(
    "Say who would be told of an alert.",
    "tocsin route test --host db-1 --component disk:/var --severity critical",
)


@app.callback(help="Say who would be told of an alert.")
def _group() -> None:
    """Keep the word `test`: without this, an app of one command is that command."""


@app.command(
    "test", epilog="Example: tocsin route test --host db-1 --component disk:/var --severity critical"
)
def try_out(
    *,
    component: Annotated[str, typer.Option(help="As cpu, memory, disk:/var, host or database.")],
    severity: Annotated[Severity, typer.Option(help="How bad the alert is.")] = Severity.CRITICAL,
    host: Annotated[str | None, typer.Option(help="The host; by default the one of HOST_NAME.")] = None,
    file: RulesFile = None,
    as_json: AsJson = False,
) -> None:
    """Say who would be told of an alert.

    At once, after how long, who stands in for whom, and what holds it back now: quiet hours, maintenance and
    silences. Without a database, what people silenced is left out, and said to be.
    """
    if meant := component_meant(component):
        fault = f"--component: {shown(component)} is not a component"
        raise CommandError(fault, f"did you mean {meant}?", USAGE)
    settings = load_settings()
    policy = load_policy(settings, file)
    in_peace, now = _quiet(settings, policy)
    name = host or settings.host_name
    found = routed(policy, in_peace, host=name, component=component, severity=severity, at=now)
    if as_json:
        print_json(found)
    else:
        say_routed(found)


def _quiet(settings: Settings, policy: Policy) -> tuple[Quiet, datetime]:
    """What keeps people in peace, with the silences that people set as far as a database says so."""
    if running_database(settings) is None:
        warn("no database runs, so the silences that people set are left out")
        return Quiet(policy), datetime.now(UTC)
    try:
        with open_database(settings, "route") as engine, engine.connect() as connection:
            now = clock.now(connection)
            return quiet(connection, policy, now), now
    except (OperationalError, ProgrammingError):
        warn("the database does not answer, so the silences that people set are left out")
        return Quiet(policy), datetime.now(UTC)
