"""The one statement that rolls up a window: every metric of every host, in one pass over each series.

It aggregates wide, some columns for each metric, and turns the few rows that come out into one per metric.
The other way round, a row per metric first, reads the same values and takes four times as long.
"""

from collections.abc import Sequence

from sqlalchemy import TextClause, text

from models.catalogue import METRIC_IDS
from worker.rollups.sources import SOURCES, Source

KEY = ("host_id", "metric_id", "period", "subject", "bucket")
FIGURES = (
    *("count", "expected", "min", "max", "avg"),
    *("sum", "squared_deviation", "stddev", "median", "p95", "p99"),
)
STATE = ("computed_at", "final", "from_raw")


def statement(sources: Sequence[Source] = SOURCES) -> TextClause:
    """Takes `start` and `end` of the window, its `period`, its length in `seconds`, `now`, and `final`."""
    columns = ", ".join((*KEY, *FIGURES, *STATE))
    renewed = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*FIGURES, *STATE))
    return text(
        f"INSERT INTO metric_aggregations ({columns})"
        f"{' UNION ALL '.join([*(_tall(source) for source in sources), CUSTOM])}"
        f" ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {renewed}"
    )


def _tall(source: Source) -> str:
    """One row for each host, subject and metric that has values."""
    rows = ",\n                ".join(_row(number, name) for number, name in enumerate(source.metrics))
    return f"""
        SELECT host_id, metric_id, :period, subject, :start,
               moments[1], :seconds / {source.interval.seconds}, ranks[1], ranks[5], moments[2] / moments[1],
               moments[2], moments[3], sqrt(moments[3] / nullif(moments[1] - 1, 0)),
               ranks[2], ranks[3], ranks[4], :now, :final, true
          FROM ({_wide(source)}) AS wide
         CROSS JOIN LATERAL (VALUES
                {rows}
         ) AS tall (metric_id, moments, ranks)
         WHERE moments[1] > 0"""  # noqa: S608 - made of the constants of this package


def _wide(source: Source) -> str:
    """One row for each host and subject, with the figures of all metrics side by side."""
    figures = ",\n               ".join(_figures(n, value) for n, value in enumerate(source.metrics.values()))
    return f"""
        SELECT host_id, {source.subject} AS subject,
               {figures}
          FROM {source.rows}
         WHERE {source.ts} >= :start AND {source.ts} < :end
         GROUP BY 1, 2"""  # noqa: S608 - made of the constants of this package


def _figures(number: int, value: str) -> str:
    """Count, sum and deviation in one pass, in double precision; ranks, minimum and maximum in one sort."""
    return (
        f"moments({value}) AS moments_{number},"
        f" percentile_cont(ARRAY[0, 0.5, 0.95, 0.99, 1]) WITHIN GROUP (ORDER BY {value}) AS ranks_{number}"
    )


def _row(number: int, name: str) -> str:
    return f"({METRIC_IDS[name]}, moments_{number}, ranks_{number})"


# Custom metrics come when their writers please, so that what came is what was expected.
CUSTOM = """
        SELECT s.host_id, s.metric_id, :period, s.subject, :start,
               count(*), count(*), min(value), max(value), avg(value), sum(value), var_pop(value) * count(*),
               stddev_samp(value), percentile_cont(0.5) WITHIN GROUP (ORDER BY value),
               percentile_cont(0.95) WITHIN GROUP (ORDER BY value),
               percentile_cont(0.99) WITHIN GROUP (ORDER BY value), :now, :final, true
          FROM custom_metrics_history JOIN custom_series AS s ON s.id = series_id
         WHERE ts >= :start AND ts < :end
         GROUP BY s.host_id, s.metric_id, s.subject"""
