"""What a raw row takes: room, write-ahead log, time to write, and blocks to find it again."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import TextClause, text

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.rounds import compare
from benchmarks.stage import FIRST, START, TICK, Stage, clients_layout, fill
from domain.sample import Platform, Process, ProcessSample, SystemSample
from models import partitions
from worker import recording, storing
from worker.arrival import Arrived
from worker.rows import SYSTEM

ROW_SIZE = Claim(
    "a raw system row on disk, heap and indexes",
    "ten hosts, one day, measured by Postgres",
    180,
    Kind.COUNT,
    "`pg_total_relation_size` of a day by its rows; docs/storage.md has the variants",
    unit="bytes",
)
LOG_OF_COMMITS = Claim(
    "write-ahead log of a row committed alone",
    "the client's layout, its indexes on values as plain btrees",
    0.15,
    Kind.COUNT,
    "65 rows of one host, five minutes and a half, after a checkpoint",
)
LOG_OF_BATCH = Claim(
    "write-ahead log of a row in a batch",
    "the client's layout, likewise",
    0.10,
    Kind.COUNT,
    "65 rows in one transaction, after a checkpoint",
)
TICK_WRITE = Claim(
    "writing a tick, 1 system row and 20 processes",
    "server-side INSERT … SELECT of the same rows",
    1.3,
    Kind.CPU,
    "`recording._write` and a commit, Postgres included",
)
CLAIMS = (ROW_SIZE, LOG_OF_COMMITS, LOG_OF_BATCH, TICK_WRITE)

# A little over five minutes, the time between two checkpoints.
ROWS = 65


def size(on: Stage, report: Report) -> None:
    """Bytes of a system row, with its share of the indexes, in a day of all hosts."""
    rows = on.number(f"SELECT count(*) FROM {FIRST}")  # noqa: S608 - our own table
    report.count("system row: heap", on.number(f"SELECT pg_relation_size('{FIRST}')") / rows, "bytes")
    total = on.number(f"SELECT pg_total_relation_size('{FIRST}')") / rows
    report.count("system row: heap and indexes", total, "bytes", ROW_SIZE)


def log(on: Stage, report: Report) -> None:
    """Write-ahead log of rows of one host: each committed on its own, and all in one transaction."""
    clients_layout(on, "clients_live")
    tables = ("system_metrics_history", "clients_live")
    now = on.end + 10_000 * TICK
    with on.engine.begin() as connection:
        fill(connection, 1, 10_000, on.end)
        # One table holds all that is kept; a partition holds a day. More makes no difference to either.
        fill(connection, 1, 200_000, now - 200_000 * TICK, "clients_live")
    # Marks on rows of the catalogue are logged too, and are not what is measured.
    on.alone("VACUUM (FREEZE)")
    alone = [_log_of(on, table, now, at_once=1) for table in tables]
    report.count("log of a row, committed alone", alone[0], "bytes")
    report.count("log of a row, to the client's layout", alone[0] / alone[1], "x", LOG_OF_COMMITS)
    batch = [_log_of(on, table, now + ROWS * TICK, at_once=ROWS) for table in tables]
    report.count("log of a row, in a batch", batch[0], "bytes")
    report.count("log of a row in a batch, to the client's layout", batch[0] / batch[1], "x", LOG_OF_BATCH)
    on.execute("DROP TABLE clients_live")


def _log_of(on: Stage, table: str, start: datetime, *, at_once: int) -> float:
    on.alone("CHECKPOINT")
    before = on.log()
    for n in range(0, ROWS, at_once):
        with on.engine.begin() as connection:
            fill(connection, 1, at_once, start + n * TICK, table)
    return (on.log() - before) / ROWS


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
    """A tick as the recorder writes it, a system row and twenty processes, to INSERT … SELECT."""
    day = on.end + timedelta(days=1)
    with on.engine.begin() as connection:
        partitions.ensure(connection, day.date(), day.date() + timedelta(days=1))
    times = iter([day + n * timedelta(seconds=30) for n in range(5_000)])
    tick = _samples()

    def recorder() -> None:
        at = next(times)
        with on.engine.begin() as connection:
            # The very lines that run in service, without the stream before and the evaluation after them.
            arrived = [Arrived(sample, at) for sample in tick]
            recording._write(connection, arrived, {"host-1": 1}, storing.copy_new, now=at)  # noqa: SLF001

    recorder()
    copies = [_server_side(on, table) for table in ("system_metrics_history", "process_metrics_history")]

    def floor() -> None:
        at = next(times)
        with on.engine.begin() as connection:
            for copy in copies:
                connection.execute(copy, {"at": at})

    report.compare(
        compare("tick of 1 + 20 rows / INSERT SELECT", recorder, floor, servers=on.pids, calls=(20, 20)),
        TICK_WRITE,
    )


def _server_side(on: Stage, table: str) -> TextClause:
    """Statement that stores the rows of the newest tick of a table once more, at another time."""
    on.execute(f"CREATE TABLE of_{table} AS SELECT * FROM {table} WHERE ts = (SELECT max(ts) FROM {table})")  # noqa: S608 - our own table
    on.execute(f"ALTER TABLE of_{table} DROP ts")
    return text(
        f"INSERT INTO {table} SELECT CAST(:at AS timestamptz), * FROM of_{table}"  # noqa: S608 - our own table
    )


def _samples() -> tuple[SystemSample, ProcessSample]:
    now = datetime.now(UTC)
    machine = Platform("Linux", "6.1", "x86_64", "3.11", START, 4, 16.0)
    figures: dict[str, Any] = {name: 10**6 if name.endswith("_total") else 20.0 for name in SYSTEM}
    figures |= {"uptime_s": 1000.0, "connections": 120}
    listed = tuple(Process(pid, "worker", "sleeping", 1.0, 100.0, 1.0, 4, 12, START) for pid in range(1, 21))
    return (SystemSample("host-1", now, machine, **figures), ProcessSample("host-1", now, 20, 30.0, listed))
