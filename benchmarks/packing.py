"""What a day takes once it is over: packed, against Prometheus's blocks, and raw with its keys made anew."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import psycopg

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.stage import HOSTS, PER_DAY, Stage, fill
from models import partitions
from models.partitions import PACKED, RAW, Partition
from worker.rows import SYSTEM

PACKED_SIZE = Claim(
    "a packed day of system metrics on disk",
    "Prometheus's blocks of the same values, made by promtool",
    0.8,
    Kind.COUNT,
    "ten hosts, one day; heap, TOAST and index against chunks and index"
    " (`promtool tsdb create-blocks-from openmetrics`)",
)
CLOSED_SIZE = Claim(
    "a raw system row of a day that is over",
    "a hundred hosts, measured by Postgres",
    180,
    Kind.COUNT,
    "`pg_total_relation_size` of a day by its rows, after `rewrite_keys`",
    unit="bytes",
)
CLAIMS = (CLOSED_SIZE, PACKED_SIZE)

MANY, TWO_HOURS = 100, 1_440  # hosts and ticks; a whole day of them has the same bytes in a row


def closed(on: Stage, report: Report) -> None:
    """A row of many hosts, whose turns split the pages of the key, before and after that is made anew."""
    day = _fill(on, 100, MANY, TWO_HOURS)
    report.count("system row of a hundred hosts: as written", _bytes(on, day.name) / _rows(on, day), "bytes")
    partitions.rewrite_keys(on.engine, day)
    report.count("... its day over", _bytes(on, day.name) / _rows(on, day), "bytes", CLOSED_SIZE)


def packed(on: Stage, report: Report) -> None:
    """A day of all hosts, packed, and what Prometheus makes of it."""
    day = _fill(on, 200, HOSTS, PER_DAY)
    values = _values(on, day)
    blocks = _blocks(on, day)
    before = _content(on, day)
    on.execute(
        "INSERT INTO rollup_windows VALUES ('day', :day, now(), 1, true)", day=partitions.bounds(day.day)[0]
    )
    partitions.pack(on.engine, day)
    if _content(on, day) != before:
        raise ValueError(f"{day.name} reads otherwise since it is packed")
    size = _bytes(on, PACKED.child(day.day))
    report.count("packed day: a value", size / values, "bytes")
    if blocks is None:
        report.skip([PACKED_SIZE], "promtool is not installed; it comes with Prometheus")
        return
    report.count("Prometheus's blocks: a value", blocks / values, "bytes")
    report.count("packed day, to Prometheus's blocks", size / blocks, "x", PACKED_SIZE)


def _fill(on: Stage, later: int, hosts: int, ticks: int) -> Partition:
    """A day of its own, beyond all others."""
    start = on.end + timedelta(days=later)
    with on.engine.begin() as connection:
        fill(connection, hosts, ticks, start)
    on.alone(f"VACUUM (FREEZE, ANALYZE) {RAW.child(start.date())}")
    return Partition(RAW.table, RAW.child(start.date()), start.date(), "attached")


def _bytes(on: Stage, table: str) -> float:
    return on.number(f"SELECT pg_total_relation_size('{table}')")


def _rows(on: Stage, day: Partition) -> float:
    return on.number(f"SELECT count(*) FROM {day.name}")  # noqa: S608 - our own table


def _values(on: Stage, day: Partition) -> float:
    """How many values the rows hold, keys and nulls left out."""
    columns = ", ".join(SYSTEM)
    return on.number(f"SELECT sum(num_nonnulls({columns})) FROM {day.name}")  # noqa: S608 - our own table


def _content(on: Stage, day: Partition) -> float:
    """A number that is another one when any row reads otherwise."""
    start, end = partitions.bounds(day.day)
    query = "SELECT sum(hashtextextended(CAST(s AS text), 0)) FROM system_metrics(:start, :end) AS s"
    return on.number(query, start=start, end=end)


def _blocks(on: Stage, day: Partition) -> int | None:
    """Bytes of Prometheus's blocks of a day; None without promtool."""
    promtool = shutil.which("promtool")
    if promtool is None:
        return None
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
        text, blocks = Path(folder) / "day.txt", Path(folder) / "blocks"
        with text.open("wb") as file:
            file.writelines(_open_metrics(on, day))
        making = (promtool, "tsdb", "create-blocks-from", "openmetrics", str(text), str(blocks))
        subprocess.run(making, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return sum(file.stat().st_size for file in blocks.rglob("*") if file.is_file())


def _open_metrics(on: Stage, day: Partition) -> Iterator[bytes]:
    """The day as OpenMetrics: each figure as the double that it is, which packs better than its decimals."""
    with on.engine.connect() as connection:
        driver = cast("psycopg.Connection", connection.connection.driver_connection)
        for name in SYSTEM:
            yield f"# TYPE {name} gauge\n".encode()
            query = (
                f"COPY (SELECT format('{name}{{host=\"%s\"}} %s %s', host_id, {name}::float8,"  # noqa: S608 - our own
                f" extract(epoch FROM ts)::bigint) FROM {day.name} WHERE {name} IS NOT NULL"
                " ORDER BY host_id, ts) TO STDOUT (FORMAT csv, QUOTE '\x01')"
            )
            with driver.cursor() as cursor, cursor.copy(query.encode()) as lines:
                yield from map(bytes, lines)
    yield b"# EOF\n"
