"""`tocsin runs`: the ledger, every run of every task and who started it."""

import difflib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from beat_schedule import QUEUES
from cli.context import load_settings
from cli.errors import CommandError
from cli.group import group
from cli.output import AsJson, print_json, say, table
from cli.servers import open_database
from cli.times import Since
from cli.times import since as since_when
from notifications.quantities import moment
from worker import runs
from worker.results import lines
from worker.runs import ListedRun, Minute, Wanted

app = group("Look into the ledger: what ran, who started it, and what came of it.", "tocsin runs list")

STYLES = {"failed": "bold red", "refused": "red", "skipped": "yellow", "running": "yellow"}


class Ending(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"
    REFUSED = "refused"
    FAILED = "failed"


Task = Annotated[str | None, typer.Option(help="Only this task, as aggregate.hourly.")]
Most = Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")]


@app.command("list", epilog="Example: tocsin runs list --outcome failed --since 7d")
def list_(
    *,
    task: Task = None,
    outcome: Annotated[Ending | None, typer.Option(help="Only those that ended so.")] = None,
    by: Annotated[str | None, typer.Option(help="Only those started by this: beat, Flower, a name.")] = None,
    since: Since = None,
    most: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first.

    Every run of a chore stands here, and every run by hand; of tasks that run every few seconds, tocsin runs
    minutes shows the totals.
    """
    wanted = Wanted(task, outcome, by, since_when(since), most)
    with open_database(load_settings(), "runs") as engine:
        found = runs.listed(engine, wanted)
    if as_json:
        print_json(found)
    elif found:
        _table(found)
    else:
        _nothing(task, "there is no such run; what runs every few seconds stands in tocsin runs minutes")


@app.command(epilog="Example: tocsin runs show 7")
def show(
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its number, or its id in Flower.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show a run: what it was told, who started it, and what it did."""
    with open_database(load_settings(), "runs") as engine, engine.connect() as connection:
        found = runs.one(connection, run)
    if found is None:
        raise CommandError(f"there is no run {run}", "tocsin runs list shows which there are")
    if as_json:
        print_json({"run": found[0], "result": found[1]})
    else:
        _page(*found)


@app.command(epilog="Example: tocsin runs minutes --failed --since 24h")
def minutes(
    *,
    task: Task = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only those with a failure.")] = False,
    since: Since = None,
    most: Most = 50,
    as_json: AsJson = False,
) -> None:
    """List what runs every few seconds, minute by minute, the newest first."""
    with open_database(load_settings(), "runs") as engine, engine.connect() as connection:
        found = runs.minutes(connection, task, since_when(since), most, only_failed=failed)
    if as_json:
        print_json(found)
    elif found:
        _minutes(found)
    else:
        _nothing(task, "there is no such minute")


def _nothing(task: str | None, sentence: str) -> None:
    """Say that nothing was found; raises CommandError where that is no wonder."""
    if task is not None and task not in QUEUES:
        near = difflib.get_close_matches(task, QUEUES, 1)
        raise CommandError(
            f"there is no task {task}", f"did you mean {near[0]}?" if near else "tocsin schedule lists them"
        )
    say(sentence)


def _minutes(found: Sequence[Minute]) -> None:
    table(
        ("MINUTE (UTC)", "TASK", "RUNS", "FAILED", "AVERAGE MS", "LONGEST MS", "LAST FAILURE"),
        [
            (m.minute, m.task, m.runs, m.failed, round(m.average_ms, 1), round(m.longest_ms, 1), m.last_error)
            for m in found
        ],
        numbers=("RUNS", "FAILED", "AVERAGE MS", "LONGEST MS"),
    )


def _table(found: Sequence[ListedRun]) -> None:
    table(
        ("ID", "TASK", "OUTCOME", "STARTED (UTC)", "SECONDS", "BY", "ROWS", "WINDOW", "ARGUMENTS", "WHY"),
        [
            (
                run.id,
                run.task,
                Text(run.outcome, style=STYLES.get(run.outcome, "")),
                run.started_at,
                None if run.seconds is None else round(run.seconds, 1),
                run.origin,
                run.rows,
                run.window,
                _told(run),
                run.said,
            )
            for run in found
        ],
        numbers=("ID", "SECONDS", "ROWS"),
    )


def _page(run: ListedRun, result: object) -> None:
    say(f"Run {run.id} of {run.task}: {run.outcome}")
    took = "" if run.seconds is None else f", took {run.seconds:.1f} s"
    say(f"  started {moment(run.started_at)} by {run.origin}{took}")
    facts = {
        "arguments": _told(run),
        "tick of the schedule": run.tick and moment(run.tick),
        "window": run.window,
        "rows": run.rows,
        "why": run.said,
        "in Flower": run.task_id,
    }
    for name, value in facts.items():
        if value not in {None, ""}:
            say(f"  {name}: {value}")
    if result:
        say("\nRESULT")
        for name, value in lines(result):
            say(f"  {name}: {value}")


def _told(run: ListedRun) -> str:
    return ", ".join(f"{name}={value}" for name, value in run.arguments.items())
