"""Dropping a day of raw rows, and what deleting it would cost."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median

from sqlalchemy import text

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.stage import HOSTS, PER_DAY, START, Stage, clients_layout, fill
from models import partitions

TIME = Claim(
    "cleaning up a day, faster than",
    "DELETE and VACUUM ANALYZE of ten hosts' rows in the client's layout",
    50,
    Kind.CLOCK,
    "`partitions.drop`, median of five",
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
    Kind.CLOCK,
    "the same: it takes no longer for more rows",
)
CLAIMS = (TIME, LOG, GROWTH)

FAR = START + timedelta(days=100)
ROUNDS = 5

# What is not, is not dropped.
ROLLED_UP = text(
    "INSERT INTO rollup_windows (period, bucket, computed_at, rows, final)"
    " VALUES ('day', :day, now(), 1, true) ON CONFLICT DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds, and bytes of write-ahead log."""

    seconds: float
    log: float


def cleanup(on: Stage, report: Report) -> None:
    """A day of system rows, deleted from the client's layout and dropped as a partition, in turns."""
    clients_layout(on, "plain")
    for day in range(on.days):  # they stay
        with on.engine.begin() as connection:
            fill(connection, HOSTS, PER_DAY, START + timedelta(days=day), "plain")
    turns = [(_deleted(on), _dropped(on, HOSTS), _dropped(on, 1)) for _ in range(ROUNDS)]
    report.count("cleanup of a day, dropped", median(ours.seconds for _, ours, _ in turns) * 1000, "ms")
    time_ratio = median(theirs.seconds / ours.seconds for theirs, ours, _ in turns)
    report.count("cleanup of a day, DELETE and VACUUM / dropped, time", time_ratio, "x", TIME)
    log_ratio = median(theirs.log / ours.log for theirs, ours, _ in turns)
    report.count("cleanup of a day, DELETE and VACUUM / dropped, log", log_ratio, "x", LOG)
    growth = median(many.seconds / one.seconds for _, many, one in turns)
    report.count(f"cleanup of a day, dropped, {HOSTS} hosts / 1 host, time", growth, "x", GROWTH)
    on.execute("DROP TABLE plain")


def _deleted(on: Stage) -> Spent:
    day = FAR - timedelta(days=1)
    with on.engine.begin() as connection:
        fill(connection, HOSTS, PER_DAY, day, "plain")
    on.alone("VACUUM ANALYZE plain")

    def delete() -> None:
        on.execute(
            "DELETE FROM plain WHERE ts >= :start AND ts < :end", start=day, end=day + timedelta(days=1)
        )
        on.alone("VACUUM ANALYZE plain")

    return _spent(on, delete)


def _dropped(on: Stage, hosts: int) -> Spent:
    with on.engine.begin() as connection:
        fill(connection, hosts, PER_DAY, FAR)
        connection.execute(ROLLED_UP, {"day": FAR})
    on.alone("VACUUM ANALYZE system_metrics_history")
    with on.engine.connect() as connection:
        days = partitions.existing(connection)
    (day,) = (one for one in days if one.day == FAR.date() and one.parent == "system_metrics_history")
    return _spent(on, partial(partitions.drop, on.engine, day))


def _spent(on: Stage, work: Callable[[], None]) -> Spent:
    on.alone("CHECKPOINT")
    log, began = on.log(), time.perf_counter()
    work()
    return Spent(time.perf_counter() - began, on.log() - log)
