"""The one clock that decides: the database's."""

from datetime import datetime
from typing import cast

from sqlalchemy import Connection, text

# The offset lets a test, or a drill of a restored copy, live at another time; nothing sets it in service.
OFFSET = "tocsin.clock_offset"

NOW = text(
    f"SELECT clock_timestamp() + coalesce(nullif(current_setting('{OFFSET}', true), ''), '0')::interval"
)


def now(connection: Connection) -> datetime:
    """The time on the database's clock, in UTC, whatever the clocks of the hosts say."""
    return cast("datetime", connection.execute(NOW).scalar_one())
