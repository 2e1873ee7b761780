"""Half a year of history of three machines, made by the database itself in a second or two.

Values are simple functions of time, so that answers can be known: CPU of web-1 is 20 at night and 60 by day,
its disk `/` fills by 2 GB a day, every third alert is taken after five minutes and all end after twenty.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, text

from models import partitions

RAW_DAYS, HOUR_DAYS, DAY_DAYS = 30, 90, 180
FILLS_GB_PER_DAY, FREE_GB = 2, 50
# One hour of these has only half of its samples.
HALF_HOUR = timedelta(days=89)
# The day before yesterday is rolled up for good, and packed.
PACKED = timedelta(days=2)

_FOLDER = Path(__file__).parent


def _statements(file: str) -> Iterator[TextClause]:
    script = (_FOLDER / file).read_text("utf-8")
    return (text(statement) for statement in script.split(";\n") if statement.strip())


def make(engine: Engine) -> datetime:
    """Fill a migrated database up to now; answers the start of this hour."""
    now = datetime.now(UTC).replace(microsecond=0)
    hour = now.replace(minute=0, second=0)
    first = now - timedelta(days=RAW_DAYS)
    with engine.begin() as connection:
        partitions.ensure(connection, first.date(), now.date() + timedelta(days=1))
    with engine.begin() as connection:
        for statement in _statements("half_a_year.sql"):
            connection.execute(statement, {"now": now, "first": first, "free": FREE_GB})
        _gap(connection, hour)
        _roll_up(connection, hour)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _pack(connection, hour.replace(hour=0) - PACKED)
        connection.execute(text("ANALYZE"))
    return hour


def _gap(connection: Connection, now: datetime) -> None:
    """No sample of web-1 for an hour yesterday."""
    connection.execute(
        text(
            "DELETE FROM system_metrics_history"
            " WHERE ts >= :start AND ts < :end AND host_id = (SELECT id FROM hosts WHERE name = 'web-1')"
        ),
        {"start": now - timedelta(hours=30), "end": now - timedelta(hours=29)},
    )


def _pack(connection: Connection, day: datetime) -> None:
    final = text("UPDATE rollup_windows SET final = true WHERE period = 'day' AND bucket = :day")
    connection.execute(final, {"day": day})
    connection.execute(text("SELECT pack_day(:day)"), {"day": day.date()})


def _roll_up(connection: Connection, now: datetime) -> None:
    day = now.replace(hour=0)
    hours: dict[str, Any] = {
        "period": "hour",
        "step": "1 hour",
        "expected": 720,
        "now": now,
        "half": now - HALF_HOUR,
    }
    days: dict[str, Any] = {
        "period": "day",
        "step": "1 day",
        "expected": 17280,
        "now": day,
        "half": day - timedelta(days=3),
    }
    for about, kept in ((hours, HOUR_DAYS), (days, DAY_DAYS)):
        series = about | {"first": about["now"] - timedelta(days=kept), "fills": FILLS_GB_PER_DAY}
        for statement in _statements("half_a_year_rollups.sql"):
            connection.execute(statement, series)
