"""Reads the last hour of what an alert is about, a value for each minute, from the raw series."""

from datetime import UTC, datetime, timedelta
from math import isfinite

from sqlalchemy import Connection, text

from notifications.notice import Notice, Trend
from policy.metrics import METRICS, Metric, Origin

HOUR, STEP = timedelta(hours=1), timedelta(minutes=1)
DISK_SLOT = timedelta(seconds=30)

SYSTEM = """
    SELECT date_bin(:step, ts, :since) AS at, max({column}) AS value
      FROM system_metrics_history
     WHERE host_id = (SELECT id FROM hosts WHERE name = :host) AND ts >= :since AND ts < :until
     GROUP BY 1
"""

# The key of the table goes by time: an hour of all hosts would be read for one, so each slot is asked for.
DISK = """
    SELECT date_bin(:step, ts, :since) AS at, max({column}) AS value
      FROM disk_metrics_history
     WHERE ts = ANY(CAST(:slots AS timestamptz[]))
       AND host_id = (SELECT id FROM hosts WHERE name = :host) AND mount = :mount
     GROUP BY 1
"""


def trend(connection: Connection, notice: Notice) -> Trend | None:
    """The hour up to the event, or None where the raw series do not hold what the alert is about."""
    metric = METRICS.get(notice.metric)
    if metric is None or metric.origin not in (Origin.SYSTEM, Origin.DISK):
        return None
    # The sample that made the event belongs to the last minute.
    until = notice.at + timedelta(seconds=1)
    found = _read(connection, notice, metric, until - HOUR, until)
    steps = [until - HOUR + STEP * number for number in range(HOUR // STEP)]
    return Trend(since=until - HOUR, step=STEP, values=tuple(found.get(at) for at in steps))


def _read(
    connection: Connection, notice: Notice, metric: Metric, since: datetime, until: datetime
) -> dict[datetime, float]:
    """The highest value of each minute that has one."""
    statement = SYSTEM if metric.origin is Origin.SYSTEM else DISK
    about = {
        "step": STEP,
        "since": since,
        "until": until,
        "host": notice.host,
        "mount": notice.component.partition(":")[2],
        "slots": _slots(since, until),
    }
    # The column is a word of our own table of metrics, never of a message or a file.
    rows = connection.execute(text(statement.format(column=metric.attribute)), about)
    return {row.at: row.value for row in rows if row.value is not None and isfinite(row.value)}


def _slots(since: datetime, until: datetime) -> list[datetime]:
    """Every moment in the time at which a row of a disk may stand."""
    first = -(-since.timestamp() // DISK_SLOT.total_seconds()) * DISK_SLOT.total_seconds()
    begin = datetime.fromtimestamp(first, UTC)
    return [begin + DISK_SLOT * number for number in range(-(-(until - begin) // DISK_SLOT))]
