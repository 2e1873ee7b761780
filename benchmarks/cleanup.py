"""Dropping a day of raw rows, and what deleting it would cost."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import text

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.rounds import Cost, cost
from benchmarks.stage import HOSTS, PER_DAY, START, Stage, clients_layout, fill
from models import partitions
from models.partitions import Partition

CHEAPER = Claim(
    "cleaning up a day, cheaper than",
    "DELETE and VACUUM ANALYZE of ten hosts' rows in the client's layout",
    50,
    Kind.CPU,
    "`partitions.drop`, Postgres included, median of five; the day is in no cache, as it is after a month",
    at_least=True,
)
LOG = Claim(
    "cleaning up a day, less write-ahead log than",
    "DELETE and VACUUM ANALYZE, likewise",
    300,
    Kind.COUNT,
    "the same",
    at_least=True,
)
GROWTH = Claim(
    "cleaning up a day of ten hosts",
    "a day of one host",
    1.2,
    Kind.CPU,
    "the same: it takes no more for more rows",
)
CLAIMS = (CHEAPER, LOG, GROWTH)

TABLE = "system_metrics_history"
DAY = timedelta(days=1)
FAR = START + 100 * DAY
ROUNDS = 5

# What is not, is not dropped.
ROLLED_UP = text(
    "INSERT INTO rollup_windows (period, bucket, computed_at, rows, final)"
    " VALUES ('day', :day, now(), 1, true) ON CONFLICT DO NOTHING"
)

# Of a day and its indexes.
FILES = text("""
    SELECT current_setting('data_directory') || '/' || pg_relation_filepath(relation)
      FROM (SELECT to_regclass(:name)
             UNION
            SELECT indexrelid FROM pg_index WHERE indrelid = to_regclass(:name)) AS one (relation)
""")


@dataclass(frozen=True, slots=True)
class Spent:
    """What a cleanup took, with its write-ahead log in bytes."""

    cost: Cost
    log: float


def cleanup(on: Stage, report: Report) -> None:
    """A day of system rows, deleted from the client's layout and dropped as a partition, in turns."""
    clients_layout(on, "plain")
    for day in range(on.days):  # they stay
        with on.engine.begin() as connection:
            fill(connection, HOSTS, PER_DAY, START + day * DAY, "plain")
    starts = [FAR + n * DAY for n in range(2 * ROUNDS)]
    days = [_filled(on, 1 if n % 2 else HOSTS, start) for n, start in enumerate(starts)]
    _forget(on, days)
    pairs = zip(days[::2], days[1::2], strict=True)
    _report(report, [(_deleted(on), _dropped(on, many), _dropped(on, one)) for many, one in pairs])
    on.execute("DROP TABLE plain")


def _report(report: Report, turns: Sequence[tuple[Spent, Spent, Spent]]) -> None:
    name = "cleanup of a day"
    report.count(f"{name}, dropped, time", median(ours.cost.wall for _, ours, _ in turns) * 1000, "ms")
    report.count(f"{name}, dropped, CPU", median(ours.cost.cpu for _, ours, _ in turns) * 1000, "ms")
    against = f"{name}, DELETE and VACUUM / dropped"
    report.count(
        f"{against}, time", median(theirs.cost.wall / ours.cost.wall for theirs, ours, _ in turns), "x"
    )
    cheaper = median(theirs.cost.cpu / ours.cost.cpu for theirs, ours, _ in turns)
    report.count(f"{against}, CPU", cheaper, "x", CHEAPER)
    report.count(f"{against}, log", median(theirs.log / ours.log for theirs, ours, _ in turns), "x", LOG)
    growth = median(many.cost.cpu / one.cost.cpu for _, many, one in turns)
    report.count(f"{name}, dropped, {HOSTS} hosts / 1 host, CPU", growth, "x", GROWTH)


def _filled(on: Stage, hosts: int, start: datetime) -> Partition:
    """A day of so many hosts that may be dropped."""
    name = f"{TABLE}_{start:%Y%m%d}"
    with on.engine.begin() as connection:
        fill(connection, hosts, PER_DAY, start)
        connection.execute(ROLLED_UP, {"day": start})
    on.alone(f"VACUUM ANALYZE {name}")
    return Partition(TABLE, name, start.date(), "attached")


def _forget(on: Stage, days: Iterable[Partition]) -> None:
    """Make Postgres and the kernel forget the days, for what is cached is freed page by page."""
    on.alone("CHECKPOINT")
    with on.engine.connect() as connection:
        paths = [Path(path) for day in days for path in connection.scalars(FILES, {"name": day.name})]
    on.server.stop()
    on.server.start()
    for path in paths:
        for file in path.parent.glob(f"{path.name}*"):
            descriptor = os.open(file, os.O_RDONLY)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _deleted(on: Stage) -> Spent:
    day = FAR - DAY
    with on.engine.begin() as connection:
        fill(connection, HOSTS, PER_DAY, day, "plain")
    on.alone("VACUUM ANALYZE plain")

    def delete() -> None:
        on.execute("DELETE FROM plain WHERE ts >= :start AND ts < :end", start=day, end=day + DAY)
        on.alone("VACUUM ANALYZE plain")

    return _spent(on, delete)


def _dropped(on: Stage, day: Partition) -> Spent:
    return _spent(on, partial(partitions.drop, on.engine, day))


def _spent(on: Stage, work: Callable[[], None]) -> Spent:
    on.alone("CHECKPOINT")
    log = on.log()
    spent = cost(work, 1, on.pids)
    return Spent(spent, on.log() - log)
