"""`tocsin collect`: one look at this machine by hand, with what is missing and why."""

from datetime import UTC, datetime
from time import sleep
from typing import Annotated

import typer
from redis import Redis

from cli import sample_pages
from cli.context import load_policy, load_settings
from cli.group import single
from cli.output import AsJson, print_json, say, warn
from cli.servers import open_database, open_redis, running_database, running_redis
from domain.sample import ProcessSample, SystemSample
from settings import Settings
from worker.collection import collect_processes, collect_system
from worker.collectors.processes import read_processes
from worker.collectors.system import read_system

app = single()

# Long enough for percentages and rates, which take two readings.
BETWEEN_READINGS_S = 1.0


@app.command(epilog="Example: tocsin collect --processes --dry-run")
def collect(
    *,
    processes: Annotated[
        bool, typer.Option("--processes", help="Look at the processes instead of the whole machine.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look: publish and store nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at this machine once, and show what is missing and why.

    It does what the tasks collect.system and collect.processes do. What is seen goes where theirs goes: to
    Redis, and into Postgres where that can be reached.
    """
    settings = load_settings()
    if dry_run or running_redis(settings) is None:
        sample = _look(settings.host_name, processes=processes)
        outcome = f"nothing was published: {_why_not(settings, dry_run=dry_run)}"
    else:
        redis = open_redis(settings)
        sample = (collect_processes if processes else collect_system)(redis, settings.host_name)
        outcome = _store(settings, redis)
    if as_json:
        print_json(sample)
        if not dry_run and outcome.startswith("nothing"):
            warn(outcome)
        return
    sample_pages.show(sample)
    say(f"\n{outcome}")


def _why_not(settings: Settings, *, dry_run: bool) -> str:
    if dry_run:
        return "this was a dry run"
    return f"REDIS_URL is not set and none runs under {settings.tocsin_home}; start it with tocsin up"


def _look(host: str, *, processes: bool) -> SystemSample | ProcessSample:
    """Two readings, because rates are between two; nothing is left anywhere."""
    if processes:
        _, seen = read_processes(None, host=host, now=datetime.now(UTC))
        sleep(BETWEEN_READINGS_S)
        return read_processes(seen, host=host, now=datetime.now(UTC))[0]
    _, counters = read_system(None, host=host, now=datetime.now(UTC))
    sleep(BETWEEN_READINGS_S)
    return read_system(counters, host=host, now=datetime.now(UTC))[0]


def _store(settings: Settings, redis: Redis) -> str:
    if running_database(settings) is None:
        return "published to Redis; whoever can reach Postgres will store it"
    # SQLAlchemy and the rules take most of a second, and a host may collect without them.
    from worker.recording import record_waiting

    with open_database(settings, "collect") as engine:
        record_waiting(engine, redis, load_policy(settings), consumer=settings.host_name)
    return "published to Redis and stored in Postgres"
