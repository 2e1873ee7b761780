"""`tocsin hosts`: which machines are watched, and which come no more."""

from datetime import datetime
from typing import Annotated

import typer

from cli.context import load_settings
from cli.errors import CommandError
from cli.group import group
from cli.output import AsJson, print_json, say, table
from cli.people import By, who
from cli.servers import open_database
from domain.cadence import SILENCE
from models import clock
from notifications.quantities import span
from worker import retirement
from worker.retirement import Known, NoSuchHost, StillSending

app = group("List the watched machines, and retire one that comes no more.", "tocsin hosts retire web-1")


@app.command("list", epilog="Example: tocsin hosts list --all")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are retired.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the machines whose samples are awaited, and when each sent its newest one."""
    with open_database(load_settings(), "hosts") as engine, engine.connect() as connection:
        found, now = retirement.listed(connection, everything=everything), clock.now(connection)
    if as_json:
        print_json(found)
    elif found:
        columns = ("HOST", "STATE", "NEWEST SAMPLE (UTC)", "UP SINCE (UTC)", "CPUS", "MEMORY GB", "SYSTEM")
        table(columns, [_row(host, now) for host in found], numbers=("CPUS", "MEMORY GB"))
    else:
        say("no host has sent a sample yet; is a collector running?")


@app.command(epilog="Example: tocsin hosts retire web-1 --by anna")
def retire(
    name: Annotated[str, typer.Argument(metavar="HOST", help="Its name, as web-1.")],
    *,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Wait for a machine no more: its open alerts end, and its silence is nobody's business.

    Its history stays as long as everything. Should it send again, it is watched again. Exits with 1 when
    there is no such host, or it is still sending.
    """
    person = who(by)
    with open_database(load_settings(), "hosts") as engine, engine.begin() as connection:
        try:
            retired = retirement.retire(connection, name, by=person)
        except NoSuchHost as nothing:
            raise CommandError(str(nothing), "tocsin hosts list shows which there are") from None
        except StillSending as sending:
            remedy = f"stop its collector, and say it again after {span(SILENCE)}"
            raise CommandError(f"{name} sent a sample {span(sending.age)} ago", remedy) from None
    if as_json:
        print_json(retired)
    else:
        ended = f"; {len(retired.alerts)} of its alerts ended" if retired.alerts else ""
        say(f"{retired.host} is retired by {person}{ended}; its next sample would bring it back")


def _row(host: Known, now: datetime) -> tuple[object, ...]:
    return (
        host.name,
        _state(host, now),
        _moment(host.last_seen_at),
        _moment(host.boot_time),
        host.cpu_count or "-",
        "-" if host.memory_total_gb is None else f"{host.memory_total_gb:.1f}",
        " ".join(filter(None, (host.system, host.release))) or "-",
    )


def _state(host: Known, now: datetime) -> str:
    if host.retired_at is not None:
        return f"retired {host.retired_at:%Y-%m-%d}"
    silent = now - host.last_seen_at
    return "reporting" if silent <= SILENCE else f"silent for {span(silent)}"


def _moment(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%Y-%m-%d %H:%M:%S}"
