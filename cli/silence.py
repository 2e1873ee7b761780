"""`tocsin silence`: keeping people in peace for a while, seeing who did so and why, and ending it early."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from sqlalchemy import Connection

from cli.context import load_settings
from cli.errors import USAGE, CommandError
from cli.group import group
from cli.output import AsJson, print_json, say, warn
from cli.people import By, sentence, who
from cli.servers import open_database
from cli.silencing import pages
from cli.silencing.queries import hosts_that_match, listed, one
from cli.silencing.recurrences import recurring
from cli.times import moment
from domain.severity import Severity
from models import clock
from notifications.quantities import moment as spelt
from notifications.silencing import NoSuchSilence, add, end
from policy.durations import LONGEST, duration
from policy.matching import ALL_SEVERITIES, EVERY, Globs, Scope
from policy.metrics import component_meant
from policy.windows import Once
from settings import FaultError, shown

# A silence of everything that is longer than this was most likely not meant.
LONGEST_OF_EVERYTHING = timedelta(days=1)

app = group(
    "Keep people in peace for a while.",
    'tocsin silence add --host "db-*" --for 2h --reason "moving to new disks"',
)

Number = Annotated[int, typer.Argument(metavar="SILENCE", min=1, max=2**63 - 1, help="Its number.")]


@app.command(
    "add", epilog='Example: tocsin silence add --host "db-*" --component disk --for 2h --reason move'
)
def add_(
    *,
    reason: Annotated[str, typer.Option(help="Why, in a few words; everybody sees it.")],
    host: Annotated[list[str] | None, typer.Option(help="Hosts, as db-1 or db-*; may come again.")] = None,
    component: Annotated[
        list[str] | None, typer.Option(help="Components, as cpu, disk or disk:/var; may come again.")
    ] = None,
    severity: Annotated[list[Severity] | None, typer.Option(help="Only alerts that are so bad.")] = None,
    length: Annotated[str | None, typer.Option("--for", help="How long, as 90m, 2h or 1d.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when, as 2026-11-21T06:00, in UTC.")] = None,
    start: Annotated[str | None, typer.Option("--from", help="From when; by default from now on.")] = None,
    every: Annotated[
        str | None, typer.Option(help='Only at these times, as "22:00 8h mon,tue", in UTC.')
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything may be silent for that long.")
    ] = False,
    by: By = None,
    as_json: AsJson = False,
) -> None:
    """Tell nobody of what matches, from now on or later.

    It is evaluated and kept as ever; what still fires when the silence ends is told once. Without --host,
    --component and --severity it is about everything.
    """
    name, why = who(by), sentence("--reason", reason)
    scope = Scope(_globs("--host", host), _components(component), frozenset(severity or ALL_SEVERITIES))
    within = recurring("--every", every) if every else None
    with open_database(load_settings(), "silence") as engine, engine.begin() as connection:
        now = clock.now(connection)
        span = _span(start, length, until, now)
        _refuse_too_much(scope, span, everything=everything)
        _look_for_hosts(connection, scope)
        number = add(connection, scope, span, within, by=name, reason=why)
        silence = one(connection, number)
    if as_json:
        print_json(silence)
    else:
        say(f"silence {number}: {pages.sentence_of(silence)}")


@app.command("list", epilog="Example: tocsin silence list --all")
def list_(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the silences, with who set them and why.

    Those that are active, resting until their next hour, or coming; with --all also those that are over.
    """
    with open_database(load_settings(), "silence") as engine, engine.connect() as connection:
        silences = listed(connection, everything=everything)
    if as_json:
        print_json(silences)
    elif silences:
        pages.table_of(silences)
    else:
        say("there is no silence" if everything else "no silence is active or coming")


@app.command("end", epilog="Example: tocsin silence end 3 --by anna")
def end_(number: Number, *, by: By = None, as_json: AsJson = False) -> None:
    """End a silence now; what it held and still fires is told at once.

    Exits with 1 when it is over already or does not exist.
    """
    name = who(by)
    with open_database(load_settings(), "silence") as engine, engine.begin() as connection:
        try:
            ended = end(connection, number, by=name)
        except NoSuchSilence as nothing:
            raise CommandError(str(nothing), "tocsin silence list shows which there are") from None
    said = f"{name} has ended silence {number}; messages that it held: {ended.let_go}"
    if as_json:
        print_json({"silence": number, "ended_by": name, "let_go": ended.let_go, "message": said})
    else:
        say(said)


def _globs(option: str, patterns: list[str] | None) -> Globs:
    for pattern in patterns or ():
        if not pattern.strip() or not pattern.isprintable():
            raise CommandError(f"{option}: it names nothing", "give a name or a pattern, such as db-*", USAGE)
    return tuple(dict.fromkeys(patterns or EVERY))


def _components(patterns: list[str] | None) -> Globs:
    for pattern in patterns or ():
        if meant := component_meant(pattern):
            fault = f"--component: {shown(pattern)} is not a component"
            raise CommandError(fault, f"did you mean {meant}?", USAGE)
    return _globs("--component", patterns)


def _span(start: str | None, length: str | None, until: str | None, now: datetime) -> Once:
    begins = moment("--from", start) if start else now
    if (length is None) == (until is None):
        fault = "neither --for nor --until is given" if length is None else "--for and --until are both given"
        raise CommandError(fault, "say how long, as --for 2h, or until when", USAGE)
    ends = moment("--until", until) if until else begins + _length(length or "")
    if ends <= max(begins, now):
        raise CommandError(f"it would be over at {spelt(ends)} already", "correct the times", USAGE)
    if ends - begins > LONGEST:
        fault = f"it would last for longer than {LONGEST.days} days"
        raise CommandError(fault, "write what never matters as a rule or a route into tocsin.toml", USAGE)
    return Once(begins, ends)


def _length(text: str) -> timedelta:
    try:
        return duration(text)
    except FaultError as error:
        raise CommandError(f"--for: {error.fault}", error.remedy, USAGE) from None


def _refuse_too_much(scope: Scope, span: Once, *, everything: bool) -> None:
    if everything or not scope.covers(Scope()) or span.ends_at - span.starts_at <= LONGEST_OF_EVERYTHING:
        return
    raise CommandError(
        f"nobody would be told of anything until {spelt(span.ends_at)}",
        "name a --host or a --component, or give --all if that is meant",
        USAGE,
    )


def _look_for_hosts(connection: Connection, scope: Scope) -> None:
    for glob, found in hosts_that_match(connection, scope.hosts).items():
        if not found:
            warn(f"--host: no host that is known by now matches {shown(glob)}")
