"""A Postgres of the benchmarks' own, with series that look like those of real machines."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from sqlalchemy import Connection, Engine, text

from embedded import EmbeddedPostgres
from models import partitions
from models.migrate import upgrade
from models.session import CHORE, make_engine
from worker.rows import SELDOM

START = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(seconds=5)
HOSTS, PER_DAY = 10, 17_280
# A month, as it is kept, takes a minute to load; what does not depend on it is the same with less.
QUICK, FULL = 3, 30
FIRST = f"system_metrics_history_{START:%Y%m%d}"

# Nothing may run in between; commits reach the disk as they would.
QUIET = {"autovacuum": "off", "jit": "off", "shared_buffers": "512MB", "max_wal_size": "4GB"}

# Smooth and noisy, never all equal, counters that grow; one busy spell a day on each host.
_SERIES = """
    INSERT INTO {table} ({columns})
    SELECT {values}
      FROM generate_series(0, :ticks - 1) AS n, generate_series(1, :hosts) AS h,
           LATERAL (SELECT CAST(:start AS timestamptz) + n * interval '5 s' AS ts, n + :seed AS s) AS t
     ORDER BY n, h
"""
VALUES = {
    "ts": "ts",
    "host_id": "h",
    "uptime_s": "1000000 + n * 5",
    "window_s": "5 + random() / 100",
    "cpu_percent": "CASE WHEN n % 17280 BETWEEN 8000 + h * 60 AND 8023 + h * 60 THEN 95 + random()"
    " ELSE 20 + 15 * sin(s / 120.0) + 5 * random() END",
    "cpu_percent_5m": "20 + 15 * sin(s / 120.0)",
    "cpu_percent_15m": "20 + 14 * sin(s / 120.0)",
    "cpu_frequency_mhz": "2400 + 100 * random()",
    "load_1m": "1 + sin(s / 120.0) + random()",
    "load_5m": "1 + sin(s / 240.0)",
    "load_15m": "1 + sin(s / 480.0)",
    "memory_used_gb": "6 + sin(s / 900.0) + random() / 10",
    "memory_available_gb": "10 - sin(s / 900.0)",
    "memory_percent": "40 + 6 * sin(s / 900.0) + random()",
    "swap_total_gb": "2",
    "swap_percent": "random()",
    "disk_total_gb": "100",
    "disk_used_gb": "40 + n / 100000.0",
    "disk_free_gb": "55 - n / 100000.0",
    "disk_percent": "42 + n / 100000.0",
    "network_bytes_in_total": "1000000000 + s * 50000",
    "network_bytes_out_total": "2000000000 + s * 70000",
    "network_packets_in_total": "1000000 + s * 50",
    "network_packets_out_total": "2000000 + s * 60",
    "network_errors_in_total": "0",
    "network_errors_out_total": "0",
    "network_drops_in_total": "s / 1000",
    "network_drops_out_total": "0",
    "network_bytes_in_per_s": "10000 * random()",
    "network_bytes_out_per_s": "14000 * random()",
    "connections": "100 + (20 * random())::int",
    "redis_response_ms": "0.2 + random() / 10",
}


@dataclass(frozen=True)
class Stage:
    """The server, and an engine on its database."""

    server: EmbeddedPostgres
    engine: Engine
    days: int

    @property
    def end(self) -> datetime:
        """The end of what is loaded; what comes after it is free to write to."""
        return START + timedelta(days=self.days)

    def pids(self) -> list[int]:
        """The processes of the server, whose CPU counts."""
        return [child.pid for child in psutil.Process(self.server.pid).children(recursive=True)]

    def execute(self, statement: str, **parameters: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(text(statement), parameters)

    def alone(self, statement: str) -> None:
        """Outside a transaction, as VACUUM and CHECKPOINT want it."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))

    def number(self, query: str, **parameters: object) -> float:
        with self.engine.connect() as connection:
            return float(connection.execute(text(query), parameters).scalar_one())

    def log(self) -> float:
        """Bytes of write-ahead log since the beginning."""
        return self.number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")


@contextmanager
def stage(days: int) -> Iterator[Stage]:
    """A server with so many days of all hosts, packed and analysed."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-bench-"))
    home.chmod(0o711)
    server = EmbeddedPostgres(home, QUIET)
    try:
        server.start()
        upgrade(server.url)
        engine = make_engine(server.url, application_name="benchmark", patience=CHORE)
        on = Stage(server, engine, days)
        _load(on)
        yield on
        engine.dispose()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _load(on: Stage) -> None:
    with on.engine.begin() as connection:
        connection.execute(text("SELECT setseed(0.42)"))
        _add_hosts(connection, HOSTS)
        for day in range(on.days):
            fill(connection, HOSTS, PER_DAY, START + timedelta(days=day))
    on.alone("VACUUM (FREEZE, ANALYZE)")


def _add_hosts(connection: Connection, hosts: int) -> None:
    connection.execute(
        text(
            "INSERT INTO hosts (name, first_seen_at)"
            " SELECT 'host-' || n, now() FROM generate_series(1, :n) AS n"
        ),
        {"n": hosts},
    )


def clients_layout(on: Stage, table: str) -> None:
    """An empty table with a serial key, and a btree on everything that one may filter by."""
    on.execute(f"CREATE TABLE {table} (LIKE system_metrics_history, id bigserial PRIMARY KEY)")
    for column in ("ts", "cpu_percent", "memory_percent"):
        on.execute(f"CREATE INDEX ON {table} ({column})")


def fill(
    connection: Connection, hosts: int, ticks: int, start: datetime, table: str = "system_metrics_history"
) -> None:
    """Rows in order of time, hosts in turns, as they come; makes the days that they need.

    Our own table gets what the recorder would store, any other table the whole of each sample.
    """
    values = VALUES
    if table == "system_metrics_history":
        partitions.ensure(connection, start.date(), (start + (ticks - 1) * TICK).date())
        values = VALUES | {name: _in_30_s_slots(VALUES[name]) for name in SELDOM if name in VALUES}
    connection.execute(
        text(_SERIES.format(table=table, columns=", ".join(values), values=", ".join(values.values()))),
        {"ticks": ticks, "hosts": hosts, "start": start, "seed": start.timestamp() // 5 % 100_000},
    )


def _in_30_s_slots(value: str) -> str:
    return f"CASE WHEN extract(epoch FROM ts)::bigint % 30 = 0 THEN {value} END"
