"""`tocsin top`: the hosts live, from the samples as they come, with or without Postgres."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Annotated

import typer
from redis import Redis
from rich.live import Live
from rich.text import Text

from cli.context import load_settings
from cli.group import single
from cli.lines import cut, join, text
from cli.output import AsJson, console, print_json
from cli.servers import open_redis
from cli.view import sections
from cli.view.situation import Reading, reading_of
from domain.sample import SystemSample
from worker import stream

app = single()

# Three ticks of more than a hundred hosts.
ENTRIES = 500


@app.command(epilog="Example: tocsin top --json")
def top(
    *,
    every: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds between two looks.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Show the newest figures of every host, live. Without a terminal, and with --json, once.

    They are read from Redis, so this works while Postgres is away.
    """
    redis = open_redis(load_settings())
    if as_json:
        print_json({"at": datetime.now(UTC), "hosts": newest(redis)})
    elif not sys.stdout.isatty():
        console().print(page(newest(redis), datetime.now(UTC), width=console().width), end="\n")
    else:
        _live(redis, every)


def newest(redis: Redis, entries: int = ENTRIES) -> list[Reading]:
    """The newest figures of each host in the stream, by name; raises redis.exceptions.ConnectionError."""
    seconds, microseconds = redis.time()
    now_ms = seconds * 1000 + microseconds / 1000
    samples = {
        one.sample.host: reading_of(one.sample, timedelta(milliseconds=max(0.0, now_ms - one.arrived_ms)))
        for one in stream.newest(redis, entries)
        if isinstance(one.sample, SystemSample)
    }
    return [samples[name] for name in sorted(samples)]


def page(readings: Sequence[Reading], at: datetime, *, width: int, height: int | None = None) -> Text:
    """The hosts in lines of at most `width` cells."""
    left, right = Text("Tocsin", style="bold"), Text(f"{at:%Y-%m-%d %H:%M:%S} UTC")
    gap = " " * max(2, min(width, 100) - left.cell_len - right.cell_len)
    most = max(1, height - 4) if height else len(readings) or 1
    section = sections.hosts(readings, None, width=width, most=most)
    lines = [join([left, right], gap), text(""), *section.lines]
    return Text("\n", no_wrap=True, overflow="crop").join(cut(line, width) for line in lines[:height])


def _live(redis: Redis, every: float) -> None:
    with Live(console=console(), screen=True, auto_refresh=False) as live:
        while True:
            size = live.console.size
            view = page(newest(redis), datetime.now(UTC), width=size.width, height=size.height)
            live.update(view, refresh=True)
            sleep(every)
