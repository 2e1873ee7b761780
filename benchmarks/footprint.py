"""What all of Tocsin takes on one host, beside the programs that people would otherwise run."""

from collections import Counter
from datetime import timedelta
from functools import reduce
from operator import add
from pathlib import Path
from typing import cast

from redis import Redis
from sqlalchemy import text

from benchmarks import trio
from benchmarks.claims import Claim, Kind
from benchmarks.installation import Installation, installation, until
from benchmarks.processes import Taken, ended, watch
from benchmarks.report import Report
from cli.startup import programs
from domain.cadence import SAMPLE_INTERVAL

# Counts are written once a minute, so that a window of one may have them twice.
QUICK_S, FULL_S = 20, 120
OURS = ("worker", "watchdog")
# Rest is a time in which no bell rings, whatever other programs do to the machine meanwhile.
AT_REST = {"HEALTH_CPU_WARNING": "99.9", "HEALTH_CPU_CRITICAL": "100"}
TRIO = ("Prometheus", "node_exporter", "Alertmanager")

CPU = Claim(
    "own processes on one host, CPU",
    "Prometheus, node_exporter and Alertmanager together",
    1.2,
    Kind.CPU,
    "two minutes at rest, both at the same time, every 5 s; ours are the worker, which is collector and beat "
    "too, and the watchdog; Postgres and Redis stand apart, Flower and the view of `tocsin up` are left out",
)
MEMORY = Claim(
    "own processes on one host, memory",
    "PSS, without Postgres, Redis and what shows",
    100.0,
    Kind.COUNT,
    "`/proc/PID/smaps_rollup` of the same processes at the end of that time",
    unit="MB",
)
COMMANDS = Claim(
    "Redis commands of a tick, beyond the stream's own",
    "`INFO commandstats`, without XADD, XREADGROUP, XAUTOCLAIM and XACK",
    10.0,
    Kind.COUNT,
    "all of that time by its ticks: what beat sends, sweeps, canaries, counts and idle waits too",
    unit="commands",
)
CLAIMS = (CPU, MEMORY, COMMANDS)

OF_THE_STREAM = {"xadd", "xreadgroup", "xautoclaim", "xack"}
TICKS_PER_MINUTE = timedelta(minutes=1) / SAMPLE_INTERVAL

SETTLED = text("SELECT count(*) >= 4 FROM heartbeats")
ROWS = text("SELECT count(*) >= 3 FROM system_metrics_history")


def run(report: Report, *, full: bool) -> None:
    """A window of both, side by side, after both have settled."""
    with installation(None, HOST_NAME="bench-1", **AT_REST) as ours:
        started = {
            "worker": ours.start(programs.together(ours.settings), "worker"),
            "watchdog": ours.start(programs.watchdog(), "watchdog"),
        }
        missing = trio.missing()
        if not missing:
            started |= trio.start(_folder(ours.home / "trio"))
        with ended(started.values()):
            until(lambda: _all(ours), within=60, what="a settled installation")
            groups = {name: process.pid for name, process in started.items()}
            groups |= {"Postgres": ours.postgres.pid or 0, "Redis": ours.redis_server.pid or 0}
            seconds, before = FULL_S if full else QUICK_S, _commands(ours.redis)
            taken = watch(groups, seconds)
            commands = (_commands(ours.redis) - before).total() * 60 / seconds
    for name, one in taken.items():
        report.count(f"{name}, CPU over a minute", one.cpu_s_per_min, "s")
        report.count(f"{name}, memory", one.pss_mb, "MB")
    report.count("Redis commands of a tick", commands / TICKS_PER_MINUTE, "commands", COMMANDS)
    _judge(report, taken, missing)


def _commands(redis: Redis) -> Counter[str]:
    """How often Redis was asked what so far, without what the stream itself takes."""
    stats = cast("dict[str, dict[str, int]]", redis.info("commandstats"))
    calls = {name.removeprefix("cmdstat_"): entry["calls"] for name, entry in stats.items()}
    return Counter({name: number for name, number in calls.items() if name not in OF_THE_STREAM})


def _judge(report: Report, taken: dict[str, Taken], missing: list[str]) -> None:
    ours = _sum(taken, OURS)
    report.count("own processes together, memory", ours.pss_mb, "MB", MEMORY)
    if missing:
        report.skip(
            [CPU], f"{' and '.join(missing)} not installed: apt-get install {' '.join(trio.PROGRAMS)}"
        )
        return
    theirs = _sum(taken, TRIO)
    report.count("the trio together, CPU over a minute", theirs.cpu_s_per_min, "s")
    report.count("the trio together, memory", theirs.pss_mb, "MB")
    report.count("own processes / trio, CPU", ours.cpu_s_per_min / theirs.cpu_s_per_min, "x", CPU)


def _sum(taken: dict[str, Taken], names: tuple[str, ...]) -> Taken:
    return reduce(add, (taken[name] for name in names))


def _all(ours: Installation) -> bool:
    with ours.engine.connect() as connection:
        return bool(connection.execute(SETTLED).scalar_one() and connection.execute(ROWS).scalar_one())


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
