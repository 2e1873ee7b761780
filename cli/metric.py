"""`tocsin metric`: writing a metric of one's own, and seeing which there are."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from sqlalchemy import text

from cli.context import load_settings
from cli.errors import USAGE, CommandError
from cli.group import group
from cli.output import AsJson, print_json, say
from cli.servers import open_database, open_redis
from domain.custom import fault, subject
from domain.sample import CustomSample
from worker import stream

app = group("Keep metrics of your own.", "tocsin metric write queue_length 12 --label queue=mail")

_LISTED = text("""
    SELECT h.name AS host, m.name AS metric, s.subject AS labels, s.last_at, v.value
      FROM custom_series AS s
      JOIN hosts AS h ON h.id = s.host_id
      JOIN metrics AS m ON m.id = s.metric_id
      LEFT JOIN custom_metrics_history AS v ON v.series_id = s.id AND v.ts = date_trunc('second', s.last_at)
     ORDER BY m.name, h.name, s.subject
""")


@app.command(epilog="Example: tocsin metric write queue_length 12 --label queue=mail")
def write(
    name: Annotated[str, typer.Argument(help="Its name, as queue_length.")],
    value: Annotated[float, typer.Argument(help="Its value.")],
    *,
    label: Annotated[list[str] | None, typer.Option(help="As queue=mail; may come again.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a value of this host now: to Redis, from where the recorder takes it within seconds.

    No way to Postgres is needed. One value is kept for each second, name and set of labels.
    """
    labels = _pairs(label or [])
    if said := fault(name, value, labels):
        raise CommandError(said, "correct it", USAGE)
    settings = load_settings()
    sample = CustomSample(settings.host_name, datetime.now(UTC), name, value, labels)
    stream.publish(open_redis(settings), sample)
    if as_json:
        print_json(sample)
    else:
        say(f"{name}{{{subject(labels)}}} = {value:g} of {sample.host}, handed to Redis")


@app.command("list", epilog="Example: tocsin metric list --json")
def list_(*, as_json: AsJson = False) -> None:
    """List the metrics that people and their programs wrote, with the newest value of each."""
    with open_database(load_settings(), "metric") as engine, engine.connect() as connection:
        found = [dict(row) for row in connection.execute(_LISTED).mappings()]
    if as_json:
        print_json(found)
        return
    for row in found:
        say("{metric}{{{labels}}} = {value} of {host}, {last_at:%Y-%m-%d %H:%M:%S}".format(**row))
    if not found:
        say("nobody has written a metric yet")


def _pairs(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    for word, (key, _, value) in zip(words, pairs, strict=True):
        if not key or not value:
            raise CommandError(f"--label: {word!r:.80} is no label", "write it as --label queue=mail", USAGE)
    return {key: value for key, _, value in pairs}
