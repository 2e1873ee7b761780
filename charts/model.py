"""What a chart shows: a series with its gaps, thresholds, marks, and the colours."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

Values = tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """Measurements in the order of time; None, NaN and infinity are gaps.

    `times` are aware. `low` and `high`, if given, are a band around each value, as the minimum and maximum
    of an hour. Two points further apart than `joined` are not joined: there was nothing in between.
    Raises ValueError for times that are naive or out of order, and for lengths that differ.
    """

    times: tuple[datetime, ...]
    values: Values
    low: Values = ()
    high: Values = ()
    joined: timedelta | None = None

    def __post_init__(self) -> None:
        if any(at.utcoffset() is None for at in self.times):
            raise ValueError("a chart's times are aware, and one of these has no time zone")
        if any(later <= earlier for earlier, later in pairwise(self.times)):
            raise ValueError("a chart's times rise, and two of these do not")
        for name, values, wanted in (
            ("values", self.values, True),
            ("low", self.low, bool(self.low or self.high)),
            ("high", self.high, bool(self.low or self.high)),
        ):
            if wanted and len(values) != len(self.times):
                raise ValueError(f"{len(self.times)} times want as many {name}, not {len(values)}")

    def numbers(self) -> tuple[float, ...]:
        """Every number that has to fit on the value axis."""
        found = (*self.values, *self.low, *self.high)
        return tuple(value for value in found if value is not None and math.isfinite(value))


@dataclass(frozen=True, slots=True)
class Threshold:
    """A level that matters, in the chart's unit; `severity`, `warning` or `critical`, gives the colour."""

    label: str
    value: float
    severity: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that matters, as "breach began"; without a severity in the colour of text."""

    label: str
    at: datetime
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of a picture, as `#rrggbb`. Text has a contrast of at least 4.5 to the background."""

    background: str
    ink: str
    muted: str
    grid: str
    line: str
    warning: str
    critical: str

    def of(self, severity: str) -> str:
        """The colour of a severity; of text for any other word."""
        return {"warning": self.warning, "critical": self.critical}.get(severity, self.ink)


LIGHT = Theme("#ffffff", "#1f2933", "#52606d", "#e4e7eb", "#1d4ed8", "#9a5b00", "#c81e1e")
DARK = Theme("#111827", "#f3f4f6", "#a8b0bd", "#374151", "#60a5fa", "#fbbf24", "#f87171")


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: `title` above, `unit` on the value axis, width and height in pixels at scale 1.

    `%` gets an axis that ends at 100 at most; `B` and `B/s` are written as kB, MB, GB by powers of 1,000.
    `since` and `until` (aware) widen the time axis beyond the series, so that silence at an end is seen.
    Raises ValueError for a picture that is too small to read or so large that it could not be drawn.
    """

    title: str
    series: Series
    unit: str = ""
    thresholds: tuple[Threshold, ...] = ()
    marks: tuple[Mark, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    width: int = 600
    height: int = 200
    theme: Theme = LIGHT

    def __post_init__(self) -> None:
        if not (240 <= self.width <= 4000 and 120 <= self.height <= 4000):
            raise ValueError(
                f"a chart is 240 to 4000 wide and 120 to 4000 high, not {self.width} x {self.height}"
            )
