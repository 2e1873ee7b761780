"""Roll-ups and the charts that they are for."""

from datetime import datetime, timedelta
from functools import partial

from benchmarks.report import Report
from benchmarks.rounds import compare
from benchmarks.stage import HOSTS, PER_DAY, START, Stage, fill
from models.catalogue import METRIC_IDS
from worker.rollups import Period, aggregate
from worker.rollups.rolling import STATEMENT
from worker.rollups.sources import SYSTEM

_SUMS = ", ".join(f"sum({value})" for value in SYSTEM.metrics.values())
_ROWS = ", ".join(f"({METRIC_IDS[name]}, ({value})::float8)" for name, value in SYSTEM.metrics.items())

# The floor: the same rows read once, with one sum for each metric.
SUMS = f"SELECT {_SUMS} FROM system_metrics_history WHERE ts >= :start AND ts < :end"  # noqa: S608 - our constants

UNPIVOTED_FIRST = f"""
    INSERT INTO metric_aggregations (
           host_id, metric_id, period, subject, bucket, count, expected, min, max, avg, sum,
           squared_deviation, stddev, median, p95, p99, computed_at, final)
    SELECT host_id, metric_id, :period, '', :start, count(value), :seconds / 5, min(value), max(value),
           avg(value), sum(value), var_pop(value) * count(value), stddev_samp(value),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY value),
           percentile_cont(0.95) WITHIN GROUP (ORDER BY value),
           percentile_cont(0.99) WITHIN GROUP (ORDER BY value), :now, :final
      FROM system_metrics_history CROSS JOIN LATERAL (VALUES {_ROWS}) AS one (metric_id, value)
     WHERE ts >= :start AND ts < :end AND value IS NOT NULL
     GROUP BY host_id, metric_id
    ON CONFLICT (host_id, metric_id, period, subject, bucket) DO UPDATE
       SET count = EXCLUDED.count, avg = EXCLUDED.avg, final = EXCLUDED.final
"""  # noqa: S608 - our constants

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


def roll_up(on: Stage, report: Report) -> None:
    """An hour and a day, of one host and of all, to one scan that only sums, and to unpivoting first."""
    alone = on.end + timedelta(days=2)
    with on.engine.begin() as connection:
        fill(connection, 1, PER_DAY, alone)
    on.alone("VACUUM ANALYZE")
    for hosts, day in ((1, alone), (HOSTS, START + timedelta(days=1))):
        for period, calls in ((Period.HOUR, (60 // hosts, 300 // hosts)), (Period.DAY, (1, 3))):
            start = day + timedelta(hours=0 if period is Period.DAY else 5)
            rolling = partial(_run, on, STATEMENT.text, period, start)
            scan = partial(on.execute, SUMS, start=start, end=start + period.length)
            name = f"roll-up, {period} of {hosts} host(s) / a scan with sums"
            report.compare(compare(name, rolling, scan, servers=on.pids, calls=calls))
        start = day + timedelta(hours=5)
        rolling = partial(_run, on, STATEMENT.text, Period.HOUR, start)
        first = partial(_run, on, UNPIVOTED_FIRST, Period.HOUR, start)
        name = f"roll-up, hour of {hosts} host(s) / unpivoted first"
        report.compare(compare(name, rolling, first, servers=on.pids, calls=(60 // hosts, 20 // hosts)))


def chart(on: Stage, report: Report) -> None:
    """A chart of one metric of one host over all days, from raw rows and from roll-ups."""
    rolled = aggregate(on.engine, Period.HOUR, START, on.end, force=True)
    assert rolled.rolled_up == on.days * 24
    on.alone("VACUUM ANALYZE metric_aggregations")
    raw = partial(on.execute, RAW_CHART, start=START, end=on.end)
    from_hours = partial(on.execute, CHART, start=START, end=on.end)
    report.compare(
        compare("chart, from raw rows / from hours", raw, from_hours, servers=on.pids, calls=(1, 30))
    )


def _run(on: Stage, statement: str, period: Period, start: datetime) -> None:
    seconds = round(period.length.total_seconds())
    figures = {"period": period, "seconds": seconds, "now": start, "final": True}
    on.execute(statement, start=start, end=start + period.length, **figures)
