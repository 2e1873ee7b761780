"""`tocsin history`: what a metric of a host did, as a table, a chart, CSV, JSON or a picture."""

import csv
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection

from charts import Chart, Series, png, svg
from cli import history_question, terminal_chart
from cli.context import load_settings
from cli.documents import instant
from cli.errors import USAGE, CommandError
from cli.group import single
from cli.history_question import Question, question
from cli.output import AsJson, print_json, say, table
from cli.servers import open_database
from cli.times import since as time_of
from models import clock
from policy.durations import duration, spelt
from settings import FaultError
from worker.history import History, read

app = single()

# How many steps are worth showing: lines of a table, and points of a chart.
ROWS, POINTS = 48, 600


@app.command(epilog="Example: tocsin history cpu_percent --host web-1 --since 24h --plot")
def history(
    *,
    metric: Annotated[str, typer.Argument(help="The metric, as cpu_percent.")],
    host: Annotated[str, typer.Option(help="The host, by its name.")],
    since: Annotated[
        str, typer.Option(help="From when on: how long ago, as 30d, or when, as 2026-11-21.")
    ] = "24h",
    until: Annotated[str | None, typer.Option(help="Up to when, in the same words; by default, now.")] = None,
    subject: Annotated[str | None, typer.Option(help="Which one of several, as a mount point.")] = None,
    step: Annotated[str | None, typer.Option(help="Length of a step, as 5m; by default, what fits.")] = None,
    plot: Annotated[bool, typer.Option("--plot", help="Draw it in the terminal.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
    png_file: Annotated[Path | None, typer.Option("--png", help="Draw it into this PNG.")] = None,
    svg_file: Annotated[Path | None, typer.Option("--svg", help="Draw it into this SVG.")] = None,
) -> None:
    """Show what a metric of a host did, from raw rows, hours or days, whichever answers best.

    It says which, and how complete they are. A step without a value has no row and is a gap in a chart.
    """
    whole = plot or as_csv or as_json or png_file or svg_file
    with open_database(load_settings(), "history") as engine, engine.connect() as connection:
        ends = time_of(until, "--until") or clock.now(connection)
        begins = time_of(since) or ends
        about = question(connection, metric, host, subject=subject, since=begins, until=ends)
        found = _read(connection, about, POINTS if whole else ROWS, _step(step))
        thresholds, marks = history_question.marks(connection, about.asked)
    chart = Chart(about.title, _series(found), about.unit, thresholds, marks, since=begins, until=ends)
    if svg_file:
        _keep(svg_file, svg(chart).encode())
    if png_file:
        _keep(png_file, png(chart))
    if as_json:
        print_json(_document(about, found))
    elif as_csv:
        _print_csv(found)
    else:
        _show(about, found, chart, plot=plot, pictures=[one for one in (svg_file, png_file) if one])


def _read(connection: Connection, about: Question, points: int, step: timedelta | None) -> History:
    try:
        return read(connection, about.asked, points=points, step=step)
    except ValueError as error:
        raise CommandError(str(error), "see tocsin history --help", USAGE) from None


def _show(about: Question, found: History, chart: Chart, *, plot: bool, pictures: list[Path]) -> None:
    if plot:
        say(terminal_chart.drawn(chart))
    elif not pictures:
        columns = ("from, UTC", "min", "avg", "max", "values")
        rows = ((point.at, point.min, point.avg, point.max, point.count) for point in found.points)
        table(columns, rows, numbers=columns[1:])
    say(_summary(about, found))
    for path in pictures:
        say(f"drawn into {path}")


def _summary(about: Question, found: History) -> str:
    how = found.resolution
    unit = f" in {about.unit}" if about.unit else ""
    return (
        f"{about.asked.metric} of {about.host}{unit}, from {how.form} in steps of {spelt(how.step)}, because"
        f" {how.reason}; {found.complete_percent:.4g} % complete"
        f" ({found.count:,} of {found.expected:,} values)"
    )


def _document(about: Question, found: History) -> dict[str, object]:
    return {
        "host": about.host,
        "metric": about.asked.metric,
        "subject": about.asked.subject,
        "unit": about.unit,
        "since": about.asked.since,
        "until": about.asked.until,
        "source": found.resolution.form,
        "step": found.resolution.step,
        "reason": found.resolution.reason,
        "count": found.count,
        "expected": found.expected,
        "complete_percent": found.complete_percent,
        "points": [asdict(point) for point in found.points],
    }


def _print_csv(found: History) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("at", "min", "avg", "max", "count"))
    writer.writerows((instant(one.at), one.min, one.avg, one.max, one.count) for one in found.points)


def _series(found: History) -> Series:
    points, step = found.points, found.resolution.step
    return Series(
        # The value of a step stands in its middle.
        tuple(point.at + step / 2 for point in points),
        tuple(point.avg for point in points),
        tuple(point.min for point in points),
        tuple(point.max for point in points),
        joined=step * 1.5,
    )


def _keep(path: Path, picture: bytes) -> None:
    try:
        path.write_bytes(picture)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise CommandError(f"{path} cannot be written ({error.strerror})", "name another file") from None


def _step(value: str | None) -> timedelta | None:
    try:
        return duration(value) if value else None
    except FaultError as error:
        raise CommandError(f"--step: {error}", code=USAGE) from None
