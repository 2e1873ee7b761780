"""The one statement that rolls up a window: every metric of every host, in one pass over each series.

It aggregates wide, some columns for each metric, and turns the few rows that come out into one per metric.
The other way round, a row per metric first, reads the same values and takes four times as long.
"""

from collections.abc import Iterable

from sqlalchemy import TextClause, text

from models.catalogue import METRIC_IDS
from worker.rollups.sources import Source

KEY = ("host_id", "metric_id", "period", "subject", "bucket")
FIGURES = (
    *("count", "expected", "min", "max", "avg"),
    *("sum", "squared_deviation", "stddev", "median", "p95", "p99"),
)
STATE = ("computed_at", "final", "from_raw")

# A constant of its type: of an ARRAY[…] the planner would make one anew, number by number, for each metric.
RANKS = "'{0, 0.5, 0.95, 0.99, 1}'::float8[]"


def statement(sources: Iterable[Source], *others: str) -> TextClause:
    """Takes `start` and `end` of the window, its `period`, its length in `seconds`, `now`, and `final`.

    `others` are queries that answer with rows of the same columns as those of the sources.
    """
    columns = ", ".join((*KEY, *FIGURES, *STATE))
    renewed = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*FIGURES, *STATE))
    return text(
        f"INSERT INTO metric_aggregations ({columns})"
        f"{' UNION ALL '.join([*(_query(source) for source in sources), *others])}"
        f" ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {renewed}"
    )


def _query(source: Source) -> str:
    return _rows(f":seconds / {source.interval.seconds}", _tall(source))


def _rows(expected: str, tall: str) -> str:
    """Rows to store, out of those of `tall`, which has the moments and ranks of one metric in each row."""
    return f"""
        SELECT host_id, metric_id, :period, subject, :start,
               moments[1], {expected}, ranks[1], ranks[5], moments[2] / moments[1],
               moments[2], moments[3], sqrt(moments[3] / nullif(moments[1] - 1, 0)),
               ranks[2], ranks[3], ranks[4], :now, :final, true
          FROM {tall}
         WHERE moments[1] > 0"""  # noqa: S608 - made of the constants of this package


def _tall(source: Source) -> str:
    """One row for each host, subject and metric."""
    rows = ",\n                ".join(_row(number, name) for number, name in enumerate(source.metrics))
    return f"""({_wide(source)}) AS wide
         CROSS JOIN LATERAL (VALUES
                {rows}
         ) AS tall (metric_id, moments, ranks)"""


def _wide(source: Source) -> str:
    """One row for each host and subject, with the figures of all metrics side by side."""
    figures = ",\n               ".join(
        _figures(value, f"_{number}") for number, value in enumerate(source.metrics.values())
    )
    return f"""
        SELECT host_id, {source.subject} AS subject,
               {figures}
          FROM {source.rows}
         WHERE {source.ts} >= :start AND {source.ts} < :end
         GROUP BY 1, 2"""  # noqa: S608 - made of the constants of this package


def _figures(value: str, suffix: str = "") -> str:
    """Count, sum and deviation in one pass, in double precision; ranks, minimum and maximum in one sort."""
    return (
        f"moments({value}) AS moments{suffix},"
        f" percentile_cont({RANKS}) WITHIN GROUP (ORDER BY {value}) AS ranks{suffix}"
    )


def _row(number: int, name: str) -> str:
    return f"({METRIC_IDS[name]}, moments_{number}, ranks_{number})"


# Custom metrics come when their writers please, so that what came is what was expected.
CUSTOM = _rows(
    "moments[1]",
    f"""(
        SELECT host_id, metric_id, subject, {_figures("value")}
          FROM custom_metrics_history JOIN custom_series ON id = series_id
         WHERE ts >= :start AND ts < :end
         GROUP BY 1, 2, 3) AS custom""",  # noqa: S608 - as above
)
