"""The hours and days that are rolled up: half-open intervals of UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

# How long after the end of a window its samples may arrive before they count as late. The hourly run comes
# two minutes past; samples that wait longer, as in an outage, make their window due again.
GRACE = timedelta(minutes=1)


class Period(StrEnum):
    """How long a window is."""

    HOUR = "hour"
    DAY = "day"

    @property
    def length(self) -> timedelta:
        return timedelta(hours=1) if self is Period.HOUR else timedelta(days=1)

    def floor(self, at: datetime) -> datetime:
        """The start, in UTC, of the hour or day that `at` (aware) is in."""
        start = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        return start if self is Period.HOUR else start.replace(hour=0)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """One hour or day: from `start`, which belongs to it, to `end`, which does not."""

    start: datetime
    period: Period

    @property
    def end(self) -> datetime:
        return self.start + self.period.length

    def final(self, now: datetime) -> bool:
        """Whether it is over, with time for late samples."""
        return self.end + GRACE <= now

    def __str__(self) -> str:
        return f"{self.period} {self.start:%Y-%m-%d %H:%M} UTC"


def windows(period: Period, start: datetime, end: datetime) -> list[Window]:
    """The windows that the interval from `start` to `end` (aware, end excluded) touches, in order.

    Raises ValueError for times without a zone, and for an interval that is empty or runs backwards.
    """
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError(f"from {start} to {end}: a time without a zone could be any; add Z for UTC")
    if end <= start:
        raise ValueError(f"from {start} to {end}: the end must come after the start")
    first = period.floor(start)
    count = -((first - end) // period.length)
    return [Window(first + n * period.length, period) for n in range(count)]
