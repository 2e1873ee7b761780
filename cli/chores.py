"""`tocsin aggregate` and `tocsin cleanup`: the chores by hand, entered in the ledger like any other run."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any, TypeVar

import typer
from sqlalchemy import Engine

from cli import cleanup_pages
from cli.confirming import Yes, confirmed
from cli.context import load_settings
from cli.documents import plain
from cli.errors import USAGE, CommandError
from cli.group import group, single
from cli.output import AsJson, print_json, say
from cli.people import who
from cli.progress import Tell, progress
from cli.servers import open_database
from cli.times import moment
from models import clock
from worker import retention, rollups
from worker.ledger import Run, keep
from worker.retention import Horizons
from worker.rollups import Period, Rolled

aggregate = group("Roll raw metrics up into hours and days.", "tocsin aggregate hourly")
cleanup = single()

R = TypeVar("R")

Start = Annotated[
    str | None, typer.Option("--from", help="From this time on, in UTC; by default, what is due.")
]
End = Annotated[str | None, typer.Option("--to", help="Up to this time, which is left out; by default, now.")]
Force = Annotated[bool, typer.Option("--force", help="Also what is final and has seen no new samples.")]


@aggregate.command(epilog="Example: tocsin aggregate hourly --from 2026-11-20 --to 2026-11-21 --force")
def hourly(*, start: Start = None, end: End = None, force: Force = False, as_json: AsJson = False) -> None:
    """Roll up hours: those that are due, or those of an interval."""
    _aggregate("aggregate.hourly", Period.HOUR, start, end, force=force, as_json=as_json)


@aggregate.command(epilog="Example: tocsin aggregate daily --from 2026-11-01")
def daily(*, start: Start = None, end: End = None, force: Force = False, as_json: AsJson = False) -> None:
    """Roll up days: those that are due, or those of an interval."""
    _aggregate("aggregate.daily", Period.DAY, start, end, force=force, as_json=as_json)


@cleanup.command(epilog="Example: tocsin cleanup --dry-run")
def cleanup_(
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would go, and what stays.")
    ] = False,
    vacuum: Annotated[
        bool, typer.Option("--vacuum", help="Vacuum and analyse the tables that rows were deleted from.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Remove what is past its retention, and pack what is over.

    What goes is raw metrics, whole days of them, roll-ups, and alerts that are long over.
    """
    settings = load_settings()
    with open_database(settings, "cleanup") as engine:
        clean = partial(retention.clean, engine, Horizons.of(settings), _now(engine), vacuum=vacuum)
        if dry_run:
            result = clean(dry_run=True)
        else:
            if not yes:
                cleanup_pages.show(clean(dry_run=True))
            confirmed("Removing deletes this for good.", yes=yes)
            arguments = {"dry_run": False, "vacuum": vacuum}
            with progress("cleaning up") as tell:
                work = partial(clean, dry_run=False, progress=tell)
                result = entered(engine, "cleanup.retention", arguments, work)
    if as_json:
        print_json(result)
    else:
        cleanup_pages.show(result)


def entered(engine: Engine, task: str, arguments: Mapping[str, Any], work: Callable[[], R]) -> R:
    """Do a chore as a run that is written down; raises CommandError when it is running elsewhere."""
    done: list[R] = []

    def do() -> R:
        done.append(work())
        return done[0]

    kept = keep(engine, Run(task, f"{who(None)} on the command line", plain(arguments)), do)
    if not done:
        raise CommandError(f"{task}: {kept.result['skipped']}", "wait until that is over")
    return done[0]


def _aggregate(
    task: str, period: Period, start: str | None, end: str | None, *, force: bool, as_json: bool
) -> None:
    if start is None and (end or force):
        raise CommandError("--to and --force need --from", "say from when on to aggregate", USAGE)
    begins = moment("--from", start) if start else None
    ends = moment("--to", end) if end else None
    arguments = {"since": begins, "until": ends, "force": force}
    with open_database(load_settings(), "aggregate") as engine, progress("aggregating") as tell:
        work = partial(_roll_up, engine, period, begins, ends, force=force, tell=tell)
        rolled = entered(engine, task, arguments, work)
    if as_json:
        print_json(rolled)
    else:
        _say(rolled)


def _roll_up(
    engine: Engine, period: Period, start: datetime | None, end: datetime | None, *, force: bool, tell: Tell
) -> Rolled:
    if start is None:
        return rollups.catch_up(engine, period, progress=tell)
    end = end or _now(engine)
    if end <= start:
        raise CommandError("--from comes after --to, or after now", "give an earlier --from", USAGE)
    return rollups.aggregate(engine, period, start, end, force=force, progress=tell)


def _say(rolled: Rolled) -> None:
    def count(number: int) -> str:
        return f"{number:,} {rolled.period}{'' if number == 1 else 's'}"

    if not rolled.windows:
        say("nothing is due")
        return
    done = count(rolled.rolled_up + rolled.from_hours)
    say(f"rolled up {done} into {rolled.rows:,} rows, from {rolled.first} to {rolled.last}")
    if rolled.from_hours:
        say(f"{count(rolled.from_hours)} of them from hours, without percentiles: their raw rows are gone")
    if rolled.already_final:
        say(f"left alone {count(rolled.already_final)}, final already; --force does them again")
    if rolled.without_raw:
        say(f"left alone {count(rolled.without_raw)} without raw rows")
    if rolled.left:
        say(f"{count(rolled.left)} wait for the next run")


def _now(engine: Engine) -> datetime:
    with engine.connect() as connection:
        return clock.now(connection)
