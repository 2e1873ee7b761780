"""Roll-ups and the charts that they are for."""

import time
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, TextClause, text

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.rounds import compare
from benchmarks.stage import FULL, HOSTS, PER_DAY, START, VALUES, Stage, fill
from models import partitions
from models.catalogue import METRIC_IDS
from worker.rollups import Period, aggregate
from worker.rollups.rolling import STATEMENT
from worker.rollups.sources import SYSTEM
from worker.rollups.statement import FIGURES, STATE, statement

TO_SCAN = Claim(
    "rolling up an hour of one host",
    "one scan of the same rows with a sum for each metric",
    4,
    Kind.CPU,
    "what `aggregate.hourly` does for system metrics, its upsert and commit included; to look into the four "
    "other series, which are empty here, takes about a millisecond more",
)
TO_UNPIVOTED = Claim(
    "rolling up an hour of one host's system rows",
    "the same figures with rows turned into one per metric first",
    0.35,
    Kind.CPU,
    "both with upsert and commit, which weigh for one host; of ten at once it is less than a third",
)
ROWS_TO_UNPIVOTED = Claim(
    "what the rows of that hour cost in it",
    "what they cost with rows turned into one per metric first",
    0.35,
    Kind.CPU,
    "both less what they take for an hour without rows: planning, round trips, commit",
)
CHART_TO_RAW = Claim(
    "a chart of 30 days of one metric, cheaper than",
    "the same from raw rows",
    300,
    Kind.CPU,
    "720 hours of one host of ten, against 518,400 raw rows of it",
    at_least=True,
)
CHART_TO_ROWS = Claim(
    "a chart of 30 days of one metric",
    "reading 720 rows of a table that holds nothing else",
    1.3,
    Kind.CPU,
    "the same query, against one of the same columns in the same order",
)
BACKFILL = Claim(
    "rolling up 30 days of 20 hosts anew",
    "raw rows, with exact percentiles",
    100_000,
    Kind.CLOCK,
    "`tocsin aggregate hourly --force` over 10.4 million raw rows, a transaction for each hour",
    unit="rows/s",
    at_least=True,
)
CLAIMS = (TO_SCAN, TO_UNPIVOTED, ROWS_TO_UNPIVOTED, CHART_TO_RAW, CHART_TO_ROWS, BACKFILL)

_RENEWED = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*FIGURES, *STATE))
_SUMS = ", ".join(f"sum({value})" for value in SYSTEM.metrics.values())
_ROWS = ", ".join(f"({METRIC_IDS[name]}, ({value})::float8)" for name, value in SYSTEM.metrics.items())

# The floor: the same rows read once, with one sum for each metric.
SUMS = text(f"SELECT {_SUMS} FROM system_metrics_history WHERE ts >= :start AND ts < :end")  # noqa: S608 - our constants

# The rival knows one series only, and so it is held against the statement of that one.
SYSTEM_ALONE = statement((SYSTEM,))
UNPIVOTED_FIRST = text(f"""
    INSERT INTO metric_aggregations (
           host_id, metric_id, period, subject, bucket, count, expected, min, max, avg, sum,
           squared_deviation, stddev, median, p95, p99, computed_at, final, from_raw)
    SELECT host_id, metric_id, :period, '', :start, count(value), :seconds / 5, min(value), max(value),
           avg(value), sum(value), var_pop(value) * count(value), stddev_samp(value),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY value),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY value),
           percentile_cont(0.99) WITHIN GROUP (ORDER BY value), :now, :final, true
      FROM system_metrics_history CROSS JOIN LATERAL (VALUES {_ROWS}) AS one (metric_id, value)
     WHERE ts >= :start AND ts < :end AND value IS NOT NULL
     GROUP BY host_id, metric_id
    ON CONFLICT (host_id, metric_id, period, subject, bucket) DO UPDATE SET {_RENEWED}
""")  # noqa: S608 - our constants

RAW_CHART = """
    SELECT date_bin('1 hour', ts, '2000-01-01+00'), avg(cpu_percent), max(cpu_percent)
      FROM system_metrics_history WHERE host_id = 3 AND ts >= :start AND ts < :end GROUP BY 1 ORDER BY 1
"""
CHART = """
    SELECT bucket, avg, max FROM metric_aggregations
     WHERE host_id = 3 AND metric_id = 1 AND period = 'hour' AND subject = ''
       AND bucket >= :start AND bucket < :end
     ORDER BY bucket
"""

ONLY_THESE = (
    "SELECT bucket, avg, max FROM only_these WHERE bucket >= :start AND bucket < :end ORDER BY bucket"
)


def roll_up(on: Stage, report: Report) -> None:
    """An hour and a day, of one host and of all, to one scan that only sums, and to unpivoting first."""
    alone, empty = on.end + timedelta(days=2), on.end + timedelta(days=3)
    with on.engine.begin() as connection:
        fill(connection, 1, PER_DAY, alone)
        partitions.ensure(connection, empty.date(), empty.date())
    on.alone("VACUUM ANALYZE")
    # One connection for all windows, a transaction for each that waits for no disk: as `roll_up` has it.
    with on.engine.connect() as connection:
        connection.execute(text("SET synchronous_commit = off"))
        connection.commit()
        for hosts, day in ((1, alone), (HOSTS, START + timedelta(days=1))):
            _to_scan(on, connection, report, hosts, day)
            _to_unpivoted(on, connection, report, hosts, (day, empty))


def _to_scan(on: Stage, connection: Connection, report: Report, hosts: int, day: datetime) -> None:
    for period, calls in ((Period.HOUR, (60 // hosts, 300 // hosts)), (Period.DAY, (1, 3))):
        start = day + timedelta(hours=0 if period is Period.DAY else 5)
        scan = partial(_run, connection, SUMS, period, start)
        for what, figures in (("system metrics", SYSTEM_ALONE), ("all series", STATEMENT)):
            name = f"roll-up of {what}, {period} of {hosts} host(s) / a scan with sums"
            rolling = partial(_run, connection, figures, period, start)
            claimed = (what, hosts, period) == ("system metrics", 1, Period.HOUR)
            to_scan = compare(name, rolling, scan, servers=on.pids, calls=calls)
            report.compare(to_scan, TO_SCAN if claimed else None)


def _to_unpivoted(
    on: Stage, connection: Connection, report: Report, hosts: int, days: tuple[datetime, datetime]
) -> None:
    """An hour, and what of it is for its rows: a transaction and a plan cost nearly the same either way."""
    hour, nothing = (
        compare(
            f"roll-up, {what} of {hosts} host(s) / unpivoted first",
            partial(_run, connection, SYSTEM_ALONE, Period.HOUR, day + timedelta(hours=5)),
            partial(_run, connection, UNPIVOTED_FIRST, Period.HOUR, day + timedelta(hours=5)),
            servers=on.pids,
            calls=(60 // hosts, 20 // hosts),
        )
        for what, day in zip(("hour", "hour without rows"), days, strict=True)
    )
    report.compare(hour, TO_UNPIVOTED if hosts == 1 else None)
    report.compare(nothing)
    rows = (hour.subject.cpu - nothing.subject.cpu) / (hour.floor.cpu - nothing.floor.cpu)
    name = f"roll-up, rows of an hour of {hosts} host(s) / unpivoted first"
    report.count(name, rows, "x", ROWS_TO_UNPIVOTED if hosts == 1 else None)


def chart(on: Stage, report: Report) -> None:
    """A chart of one metric of one host over all days, from raw rows, from hours, from bare rows."""
    rolled = aggregate(on.engine, Period.HOUR, START, on.end, force=True)
    assert rolled.rolled_up == on.days * 24
    on.execute("CREATE TABLE only_these (bucket timestamptz PRIMARY KEY, avg real, max real)")
    on.execute(f"INSERT INTO only_these {CHART}", start=START, end=on.end)
    on.alone("VACUUM ANALYZE metric_aggregations, only_these")
    whole = on.days == FULL
    raw = partial(on.execute, RAW_CHART, start=START, end=on.end)
    from_hours = partial(on.execute, CHART, start=START, end=on.end)
    rows = partial(on.execute, ONLY_THESE, start=START, end=on.end)
    from_raw = compare("chart, from hours / from raw rows", from_hours, raw, servers=on.pids, calls=(30, 1))
    report.compare(from_raw, CHART_TO_RAW if whole else None)
    floor = compare("chart, from hours / only its rows", from_hours, rows, servers=on.pids, calls=(200, 200))
    report.compare(floor, CHART_TO_ROWS if whole else None)


def backfill(on: Stage, report: Report) -> None:
    """All hours of a month of 20 hosts, done again: the last thing, because it doubles what is stored."""
    columns = ", ".join(VALUES)
    values = columns.replace("host_id", f"host_id + {HOSTS}")
    bounds = "ts >= :start AND ts < :end"
    copy = f"INSERT INTO system_metrics_history ({columns}) SELECT {values} FROM system_metrics_history WHERE"  # noqa: S608
    on.execute(
        "INSERT INTO hosts (name, first_seen_at) SELECT 'more-' || n, now() FROM generate_series(1, 99) AS n"
    )
    for day in range(on.days):
        start = START + timedelta(days=day)
        on.execute(f"{copy} host_id <= {HOSTS} AND {bounds}", start=start, end=start + timedelta(days=1))
    on.alone("VACUUM ANALYZE system_metrics_history")
    began = time.perf_counter()
    aggregate(on.engine, Period.HOUR, START, on.end, force=True)
    took = time.perf_counter() - began
    rows = on.number(
        "SELECT sum(count) FROM metric_aggregations WHERE metric_id = 7 AND bucket < :end", end=on.end
    )
    report.count("backfill of hours, 20 hosts", rows / took, "rows/s", BACKFILL)


def _run(connection: Connection, statement: TextClause, period: Period, start: datetime) -> None:
    about = {"period": period, "seconds": round(period.length.total_seconds()), "now": start, "final": True}
    with connection.begin():
        connection.execute(statement, {"start": start, "end": start + period.length, **about})
