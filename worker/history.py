"""One metric of one host over a time: read in whichever stored form answers best, and how complete it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from domain.resolution import DAY, HOUR, Form, Kept, Resolution, resolve, usual_step
from models import partitions
from models.session import take_time
from worker.rollups.sources import SOURCES

_ORIGIN = "timestamptz '2000-01-03 00:00+00'"  # a Monday


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: which metric, of which host and subject (a mount, or empty), from `since` up to `until`."""

    metric: str
    host_id: int
    subject: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """One step: where it begins, how many values it had, and their minimum, mean and maximum."""

    at: datetime
    count: int
    min: float
    avg: float
    max: float


@dataclass(frozen=True, slots=True)
class History:
    """The steps that have values, in order; `expected` is how many values a complete time has.

    Of a custom metric, which is written when somebody pleases, that is as many as came.
    """

    resolution: Resolution
    points: Sequence[Point]
    expected: int

    @property
    def count(self) -> int:
        return sum(point.count for point in self.points)

    @property
    def complete_percent(self) -> float:
        return 100.0 * min(1.0, self.count / self.expected) if self.expected else 0.0


def read(
    connection: Connection, asked: Asked, *, points: int = 500, step: timedelta | None = None
) -> History:
    """Answer a question in about so many steps, or in steps of the length that is asked for.

    Raises ValueError as `resolve` does.
    """
    take_time(connection)
    raw = _raw(connection, asked)
    kept = _kept(connection, asked)
    how = resolve(asked.since, asked.until, kept, interval=raw.interval, points=points, step=step)
    query = _from_raw(raw) if how.form is Form.RAW else _ROLLED_UP
    length = HOUR if how.form is Form.HOURS else DAY
    parameters = {
        "host_id": asked.host_id,
        "metric": asked.metric,
        "subject": asked.subject,
        "start": asked.since,
        "end": asked.until,
        "step": how.step,
        "period": "hour" if length is HOUR else "day",
    }
    rows = connection.execute(text(query), parameters)
    found = [Point(row.at, row.n, row.low, row.mean, row.high) for row in rows]
    every = round((asked.until - asked.since) / raw.interval)
    return History(how, found, every if raw.regular else sum(point.count for point in found))


@dataclass(frozen=True, slots=True)
class _Raw:
    """Where the raw values of a metric are, in SQL, and how far apart they are."""

    rows: str
    ts: str
    value: str
    subject: str
    interval: timedelta
    regular: bool = True


def _raw(connection: Connection, asked: Asked) -> _Raw:
    for source in SOURCES:
        if asked.metric in source.metrics:
            rows, value = source.with_packed.rows, source.metrics[asked.metric]
            return _Raw(rows, source.ts, value, source.subject, source.interval)
    about = {"host_id": asked.host_id, "metric": asked.metric, "subject": asked.subject}
    spacing = connection.scalar(_SPACING, about | {"start": asked.since, "end": asked.until})
    return _Raw(_CUSTOM, "ts", "value", "subject", usual_step(spacing or timedelta(0)), regular=False)


def _kept(connection: Connection, asked: Asked) -> Kept:
    """Raw rows by their partitions, hours and days by the oldest row of the very series."""
    days = [one.day for one in partitions.existing(connection)]
    about = {"host_id": asked.host_id, "metric": asked.metric, "subject": asked.subject}
    first = connection.execute(_FIRST, about).one()
    return Kept(partitions.bounds(min(days))[0] if days else None, first.hour, first.day)


def _from_raw(raw: _Raw) -> str:
    subject = f"AND {raw.subject} = :subject" if raw.subject != "''" else ""
    return f"""
        SELECT date_bin(:step, {raw.ts}, {_ORIGIN}) AS at, count({raw.value}) AS n,
               min({raw.value}) AS low, avg({raw.value}) AS mean, max({raw.value}) AS high
          FROM {raw.rows}
         WHERE host_id = :host_id AND {raw.ts} >= :start AND {raw.ts} < :end {subject}
         GROUP BY 1 HAVING count({raw.value}) > 0 ORDER BY 1"""  # noqa: S608 - made of our constants


_CUSTOM = """(
    SELECT ts, host_id, subject, value FROM custom_metrics_history JOIN custom_series AS s ON s.id = series_id
     WHERE metric_id = (SELECT id FROM metrics WHERE name = :metric)
) AS custom"""

# What nine of ten of its newest values are no further apart than.
_SPACING = text(f"""
    SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY gap)
      FROM (SELECT ts - lag(ts) OVER (ORDER BY ts) AS gap
              FROM (SELECT ts FROM {_CUSTOM}
                     WHERE host_id = :host_id AND subject = :subject AND ts >= :start AND ts < :end
                     ORDER BY ts DESC LIMIT 1000) AS newest) AS gaps
""")  # noqa: S608 - made of our constants


_ROLLED_UP = f"""
    SELECT date_bin(:step, bucket, {_ORIGIN}) AS at, sum(count)::bigint AS n,
           min(min) AS low, sum(sum) / sum(count) AS mean, max(max) AS high
      FROM metric_aggregations
     WHERE host_id = :host_id AND period = :period AND subject = :subject
       AND metric_id = (SELECT id FROM metrics WHERE name = :metric)
       AND bucket >= date_trunc(:period, CAST(:start AS timestamptz), 'UTC') AND bucket < :end
     GROUP BY 1 ORDER BY 1"""  # noqa: S608 - made of our constants

_FIRST = text("""
    SELECT min(bucket) FILTER (WHERE period = 'hour') AS hour,
           min(bucket) FILTER (WHERE period = 'day') AS day
      FROM metric_aggregations
     WHERE host_id = :host_id AND subject = :subject
       AND metric_id = (SELECT id FROM metrics WHERE name = :metric)
""")
