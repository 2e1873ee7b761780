"""`tocsin explain`: why people were told of an alert or were not, and why nobody was paged at some time."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from cli.alerting.pages import state_of
from cli.alerting.queries import Shown, shown
from cli.context import RulesFile, load_policy, load_settings
from cli.errors import USAGE, CommandError
from cli.explaining import absence
from cli.explaining.story import Line, printed, story_of, waiting_of
from cli.group import single
from cli.output import AsJson, print_json, say
from cli.servers import open_database
from cli.times import since
from models import clock
from notifications.foresight import Coming, foresee
from notifications.quantities import moment

app = single()

# The clocks of two machines differ by a little.
SKEW = timedelta(seconds=5)


@app.command(epilog="Example: tocsin explain 12, or tocsin explain --host web-1 --at 2026-11-21T03:12")
def explain(
    alert_id: Annotated[
        int | None, typer.Argument(metavar="[ALERT]", min=1, max=2**63 - 1, help="The number of the alert.")
    ] = None,
    *,
    host: Annotated[str | None, typer.Option(help="The host that nobody was paged about.")] = None,
    at: Annotated[
        str | None, typer.Option(help="When: how long ago, as 20m, or when, as 2026-11-21T03:12; else now.")
    ] = None,
    file: RulesFile = None,
    as_json: AsJson = False,
) -> None:
    """Say why somebody was told, or why not.

    Of an alert: everything that happened, was decided and was tried, in order, and what comes next. With
    --host, why nobody was paged about it at a time, with what was looked at.
    """
    if (alert_id is None) == (host is None):
        fault = "name an alert by its number, or a host with --host"
        raise CommandError(fault, "tocsin alerts list --all shows the numbers", USAGE)
    if alert_id is None:
        _absence(host or "", at, file, as_json=as_json)
    elif at is not None:
        raise CommandError("--at goes with --host", "leave it out to explain an alert", USAGE)
    else:
        _alert(alert_id, file, as_json=as_json)


def _alert(alert_id: int, file: Any, *, as_json: bool) -> None:
    settings = load_settings()
    policy = load_policy(settings, file)
    with open_database(settings, "explain") as engine, engine.connect() as connection:
        found, now = shown(connection, alert_id), clock.now(connection)
        if found is None:
            raise CommandError(
                f"there is no alert {alert_id}", "tocsin alerts list --all shows which there are"
            )
        story = story_of(found)
        coming = [*waiting_of(found, now), *foresee(connection, policy, alert_id, now)]
    if as_json:
        print_json({"alert": found.alert, "incident_id": found.incident_id, "story": story, "next": coming})
    else:
        _page(found, story, coming)


def _page(found: Shown, story: list[Line], coming: list[Coming]) -> None:
    alert = found.alert
    what = f"{alert.severity}, {alert.host} {alert.component}, rule {alert.rule}"
    say(f"Alert {alert.id}: {what}; {state_of(alert)}")
    if found.incident_id != alert.id:
        say(f"It fired again within the cooldown: the incident began with alert {found.incident_id}.")
    say("\nWHAT HAPPENED (UTC)")
    for line in story:
        say(printed(line))
    say("\nWHAT COMES NEXT")
    for one in coming:
        say(f"{moment(one.at)}: {one.what}" if one.at else one.what)
    if not coming:
        say("nothing: it is over and everything about it is told" if alert.resolved_at else "nothing")


def _absence(host: str, at: str | None, file: Any, *, as_json: bool) -> None:
    settings = load_settings()
    policy = load_policy(settings, file)
    with open_database(settings, "explain") as engine, engine.connect() as connection:
        now = clock.now(connection)
        when = since(at, "--at") or now
        if when > now + SKEW:
            raise CommandError(f"--at: {moment(when)} is still to come", "give a time that has passed", USAGE)
        found = absence.explain(connection, policy, host, when)
    if as_json:
        print_json(found)
        return
    say(f"{host} at {moment(when)}")
    say("\nWHY NOBODY WAS PAGED" if not found.told else "\nSOMEBODY WAS PAGED")
    for finding in found.findings:
        say(f"- {finding.text}")
    say("\nWHAT WAS LOOKED AT")
    for what in found.looked_at:
        say(f"- {what}")
