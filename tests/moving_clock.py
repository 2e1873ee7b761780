"""The database's clock, moved by tests: weeks of alert life run in seconds."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, event

from models.clock import OFFSET


@dataclass
class MovingClock:
    """Moves what the database answers when it is asked for the time, for every session of some engines."""

    offset: timedelta = timedelta(0)

    def drives(self, engine: Engine) -> None:
        event.listen(engine, "checkout", self._set)

    def forward(self, **span: float) -> None:
        """Move on, as `forward(minutes=15)`."""
        self.offset += timedelta(**span)

    def _set(self, connection: Any, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET {OFFSET} = '{self.offset.total_seconds()} seconds'")
        connection.commit()
