"""What a raw row takes: room, write-ahead log, time to write, and blocks to find it again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from benchmarks.report import Report
from benchmarks.rounds import compare
from benchmarks.stage import FIRST, START, TICK, Stage, clients_layout, fill
from domain.sample import Platform, Process, ProcessSample, SystemSample
from models import partitions
from worker import recording
from worker.arrival import Arrived

# A little over five minutes, the time between two checkpoints.
COMMITS = 65

PROCESSES = text("""
    INSERT INTO process_metrics_history (ts, host_id, pid, created_at, cpu_percent, memory_mb, memory_percent,
                                         threads, file_descriptors, own, name, status)
    SELECT :at, 1, n, now(), n, 100, 1, 4, 12, false, 'worker', 'sleeping' FROM generate_series(1, 20) AS n
""")


def size(on: Stage, report: Report) -> None:
    """Bytes of a system row, with its share of the indexes, in a day of all hosts."""
    rows = on.number(f"SELECT count(*) FROM {FIRST}")  # noqa: S608 - our own table
    report.count("system row: heap", on.number(f"SELECT pg_relation_size('{FIRST}')") / rows, "bytes")
    report.count(
        "system row: heap and indexes", on.number(f"SELECT pg_total_relation_size('{FIRST}')") / rows, "bytes"
    )


def log(on: Stage, report: Report) -> None:
    """Write-ahead log of a row of one host that is committed on its own, after a checkpoint and later."""
    clients_layout(on, "clients_live")
    tables = ("system_metrics_history", "clients_live")
    now = on.end + 10_000 * TICK
    with on.engine.begin() as connection:
        fill(connection, 1, 10_000, on.end)
        # One table holds all that is kept; a partition holds a day. More makes no difference to either.
        fill(connection, 1, 200_000, now - 200_000 * TICK, "clients_live")
    measured = []
    # Marks on rows of the catalogue are logged too, and are not what is measured.
    on.alone("VACUUM (FREEZE)")
    for table in tables:
        on.alone("CHECKPOINT")
        measured.append([_log_of(on, table, now + COMMITS * n * TICK) for n in range(2)])
    for phase, ours, theirs in zip(("after a checkpoint", "later"), *measured, strict=True):
        report.count(f"log of a row, {phase}", ours, "bytes")
        report.count(f"log of a row, {phase}, to the client's layout", ours / theirs, "x")
    on.execute("DROP TABLE clients_live")


def _log_of(on: Stage, table: str, start: datetime) -> float:
    before = on.log()
    for n in range(COMMITS):
        with on.engine.begin() as connection:
            fill(connection, 1, 1, start + n * TICK, table)
    return (on.log() - before) / COMMITS


def busy(on: Stage, report: Report) -> None:
    """Finding the seconds over 90 percent in a day: with the partial index, without, and with BRIN."""
    report.count("cpu over 90 in a day, partial index", _blocks(on, FIRST), "blocks")
    on.execute(f"CREATE TABLE plain AS SELECT * FROM {FIRST}")  # noqa: S608 - our own table
    on.alone("VACUUM ANALYZE plain")
    report.count("cpu over 90 in a day, no index", _blocks(on, "plain"), "blocks")
    on.execute("CREATE INDEX ON plain USING brin (cpu_percent)")
    on.alone("VACUUM ANALYZE plain")
    report.count("cpu over 90 in a day, BRIN", _blocks(on, "plain"), "blocks")
    on.execute("DROP TABLE plain")


def _blocks(on: Stage, table: str) -> float:
    query = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT json) SELECT * FROM {table} WHERE cpu_percent > 90"  # noqa: S608 - our own table
    with on.engine.connect() as connection:
        plan = connection.execute(text(query)).scalar_one()[0]["Plan"]
    return float(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def write(on: Stage, report: Report) -> None:
    """A tick as the recorder writes it, a system row and twenty processes, to an INSERT … SELECT."""
    day = on.end + timedelta(days=1)
    with on.engine.begin() as connection:
        partitions.ensure(connection, day.date(), day.date() + timedelta(days=1))
    times = iter([day + n * timedelta(seconds=30) for n in range(5_000)])
    sample, processes = _samples()

    def recorder() -> None:
        at = next(times)
        with on.engine.begin() as connection:
            # The very lines that run in service, without the stream before and the evaluation after them.
            recording._write(connection, [Arrived(sample, at), Arrived(processes, at)], {"host-1": 1})  # noqa: SLF001

    def floor() -> None:
        at = next(times)
        with on.engine.begin() as connection:
            fill(connection, 1, 1, at)
            connection.execute(PROCESSES, {"at": at})

    report.compare(
        compare("tick of 1 + 20 rows / INSERT SELECT", recorder, floor, servers=on.pids, calls=(10, 10))
    )


def _samples() -> tuple[SystemSample, ProcessSample]:
    now = datetime.now(UTC)
    machine = Platform("Linux", "6.1", "x86_64", "3.11", START, 4, 16.0)
    figures: dict[str, Any] = {"cpu_percent": 20.0, "memory_percent": 40.0, "network_errors_in_total": 0}
    listed = tuple(Process(pid, "worker", "sleeping", 1.0, 100.0, 1.0, 4, 12, START) for pid in range(1, 21))
    return (
        SystemSample("host-1", now, machine, 1000.0, **figures),
        ProcessSample("host-1", now, 20, 30.0, listed),
    )
