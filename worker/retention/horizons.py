"""How long each kind of history is kept."""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from settings import Settings


@dataclass(frozen=True, slots=True)
class Horizons:
    """Days for which each kind is kept, today not counted; the first three are the client's.

    `alert_days` counts from the day on which the last alert of an incident was resolved, and takes the
    events, deliveries, attempts and decisions of the incident with it. `run_days` is the ledger of chores,
    `minute_days` that of tasks that run every few seconds. After `pack_after_days` a raw day is packed; with
    None never.
    Raises ValueError for less than a day.
    """

    raw_days: int = 30
    hourly_days: int = 90
    daily_days: int = 365
    alert_days: int = 365
    run_days: int = 90
    minute_days: int = 7
    pack_after_days: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            days = getattr(self, field.name)
            if days is not None and days < 1:
                raise ValueError(
                    f"{field.name}: {days} days would delete what is in use; keep at least 1 day"
                )

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the environment sets them."""
        return cls(
            raw_days=settings.retention_raw_days,
            hourly_days=settings.retention_hourly_days,
            daily_days=settings.retention_daily_days,
            pack_after_days=settings.retention_pack_after_days or None,
        )


def horizon(today: date, days: int) -> datetime:
    """The start, in UTC, of the oldest day that is kept; what is before it goes."""
    return datetime.combine(today - timedelta(days=days), time(), UTC)
