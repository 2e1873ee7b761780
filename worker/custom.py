"""Custom metrics: which series a value belongs to, found or made, as many as there may be."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from domain.custom import MAX_METRICS, MAX_SERIES, subject
from domain.sample import CustomSample
from models import CustomMetrics
from worker.arrival import Arrived
from worker.rows import Rows

log = structlog.get_logger()

COLUMNS = ("ts", "series_id", "value")


def custom_rows(connection: Connection, arrived: Sequence[Arrived], hosts: Mapping[str, int]) -> Rows:
    """A row for each value, the last of a second; one for which there is no room is told in the log."""
    values: dict[tuple[datetime, int], float] = {}
    for one in sorted(arrived, key=lambda a: a.at):
        if isinstance(one.sample, CustomSample):
            series_id = _series(connection, hosts[one.sample.host], one.sample, one.at)
            if series_id is None:
                log.warning("custom.refused", name=one.sample.name, host=one.sample.host, reason="too many")
            else:
                values[one.at.replace(microsecond=0), series_id] = one.sample.value
    return Rows(CustomMetrics, COLUMNS, [(*key, value) for key, value in values.items()])


def _series(connection: Connection, host_id: int, sample: CustomSample, at: datetime) -> int | None:
    key = {"host_id": host_id, "name": sample.name, "subject": subject(sample.labels), "at": at}
    known: int | None = connection.scalar(_TOUCH, key)
    if known is None and _make(connection, sample, key):
        known = connection.scalar(_TOUCH, key)
    return known


def _make(connection: Connection, sample: CustomSample, key: Mapping[str, object]) -> bool:
    """Whether there was room for one more; numbers are given by one recorder at a time."""
    connection.execute(_ALONE)
    connection.execute(_NEW_METRIC, {"name": sample.name, "most": MAX_METRICS})
    added = connection.execute(_NEW_SERIES, {**key, "labels": sample.labels, "most": MAX_SERIES})
    return added.rowcount > 0


_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended('tocsin.custom', 0))")

_TOUCH = text("""
    UPDATE custom_series AS s SET last_at = greatest(s.last_at, :at)
      FROM metrics AS m
     WHERE m.id = s.metric_id AND m.name = :name AND s.host_id = :host_id AND s.subject = :subject
    RETURNING s.id
""")

# Numbers below a thousand are those of the catalogue.
_NEW_METRIC = text("""
    INSERT INTO metrics (id, name, type, unit, description)
    SELECT greatest(max(id), 999) + 1, :name, 'custom', '', 'Written by people or their programs' FROM metrics
    HAVING count(*) FILTER (WHERE id >= 1000) < :most
        ON CONFLICT (name) DO NOTHING
""")

_NEW_SERIES = text("""
    INSERT INTO custom_series (host_id, last_at, metric_id, subject, labels)
    SELECT :host_id, :at, m.id, :subject, :labels FROM metrics AS m
     WHERE m.name = :name AND m.id >= 1000
       AND (SELECT count(*) FROM custom_series WHERE host_id = :host_id) < :most
        ON CONFLICT (host_id, metric_id, subject) DO NOTHING
""").bindparams(bindparam("labels", type_=JSONB))
