"""Where on the picture a time and a value stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from charts.axes import Tick, ValueAxis, time_ticks, value_axis
from charts.model import Chart, Values

TEXT, TITLE = 11, 13  # sizes in pixels
TOP, RIGHT, BOTTOM = 44, 14, 24
# How wide a character of Roboto is at most on average, in sizes; the SVG cannot ask.
_ADVANCE = 0.57

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle of the lines, in pixels, with its two axes."""

    chart: Chart
    values: ValueAxis
    times: tuple[Tick[datetime], ...]
    since: datetime
    until: datetime
    left: float

    @property
    def right(self) -> float:
        return self.chart.width - RIGHT

    @property
    def bottom(self) -> float:
        return self.chart.height - BOTTOM

    def x(self, at: datetime) -> float:
        return self.left + (at - self.since) / (self.until - self.since) * (self.right - self.left)

    def y(self, value: float) -> float:
        share = (value - self.values.low) / (self.values.high - self.values.low)
        return self.bottom - share * (self.bottom - TOP)

    def shows(self, at: datetime) -> bool:
        return self.since <= at <= self.until

    def runs(self, values: Values) -> Iterator[list[Point]]:
        """The unbroken parts of a line, in pixels."""
        for stretch in self.stretches(values):
            yield [(self.x(at), self.y(value)) for at, value in stretch]

    def stretches(self, values: Values) -> Iterator[list[tuple[datetime, float]]]:
        """The unbroken parts of a line; whatever is no number, or too far away, breaks it."""
        series, stretch = self.chart.series, list[tuple[datetime, float]]()
        for at, value in zip(series.times, values, strict=True):
            missing = value is None or not isfinite(value) or not self.shows(at)
            apart = bool(stretch) and series.joined is not None and at - stretch[-1][0] > series.joined
            if stretch and (missing or apart):
                yield stretch
                stretch = []
            if value is not None and not missing:
                stretch.append((at, value))
        if stretch:
            yield stretch


def frame(chart: Chart) -> Frame:
    """The axes of a chart and the room that they leave to the lines."""
    numbers = (*chart.series.numbers(), *(threshold.value for threshold in chart.thresholds))
    values = value_axis(numbers, chart.unit, max(2, (chart.height - TOP - BOTTOM) // 32))
    left = 16 + max(width(tick.label, TEXT) for tick in values.ticks)
    since, until = _span(chart)
    times = time_ticks(since, until, max(2, int((chart.width - left) // 66)))
    return Frame(chart, values, times, since, until, left)


def width(text: str, size: int) -> float:
    """About how wide a text is, in pixels."""
    return len(text) * size * _ADVANCE


def fitting(text: str, size: int, room: float) -> str:
    """As much of a text as fits, with an ellipsis where something is left out."""
    most = max(1, int(room / (size * _ADVANCE)))
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _span(chart: Chart) -> tuple[datetime, datetime]:
    times = chart.series.times
    ends = [at for at in (chart.since, chart.until, *times[:1], *times[-1:]) if at is not None]
    if not ends:
        raise ValueError("a chart without a single time wants since and until")
    since, until = chart.since or min(ends), chart.until or max(ends)
    return (since, until) if since < until else (since - timedelta(minutes=1), since + timedelta(minutes=1))
