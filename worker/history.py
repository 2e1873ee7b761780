"""One metric of one host over a time: read in whichever stored form answers best, and how complete it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from domain.resolution import DAY, HOUR, Form, Kept, Resolution, resolve
from models import partitions
from models.session import take_time
from worker.rollups.sources import SOURCES, Source

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
    """The steps that have values, in order; `expected` is how many values a complete time has."""

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

    Raises ValueError as `resolve` does, and for a metric that nothing stores.
    """
    take_time(connection)
    source = _source(asked.metric)
    kept = _kept(connection, asked)
    how = resolve(asked.since, asked.until, kept, interval=source.interval, points=points, step=step)
    query = _from_raw(source.with_packed, asked.metric) if how.form is Form.RAW else _ROLLED_UP
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
    return History(how, found, round((asked.until - asked.since) / source.interval))


def _source(metric: str) -> Source:
    for source in SOURCES:
        if metric in source.metrics:
            return source
    raise ValueError(f"nothing stores {metric}")


def _kept(connection: Connection, asked: Asked) -> Kept:
    """Raw rows by their partitions, hours and days by the oldest row of the very series."""
    days = [one.day for one in partitions.existing(connection)]
    about = {"host_id": asked.host_id, "metric": asked.metric, "subject": asked.subject}
    first = connection.execute(_FIRST, about).one()
    return Kept(partitions.bounds(min(days))[0] if days else None, first.hour, first.day)


def _from_raw(source: Source, metric: str) -> str:
    value = source.metrics[metric]
    subject = f"AND {source.subject} = :subject" if source.subject != "''" else ""
    return f"""
        SELECT date_bin(:step, {source.ts}, {_ORIGIN}) AS at, count({value}) AS n,
               min({value}) AS low, avg({value}) AS mean, max({value}) AS high
          FROM {source.rows}
         WHERE host_id = :host_id AND {source.ts} >= :start AND {source.ts} < :end {subject}
         GROUP BY 1 HAVING count({value}) > 0 ORDER BY 1"""  # noqa: S608 - made of our constants


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
