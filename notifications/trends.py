"""Puts a trend into a line of text: eight heights of blocks, and a dot where nothing was measured."""

from collections.abc import Sequence

from notifications.notice import Trend

HEIGHTS = "▁▂▃▄▅▆▇█"
GAP = "·"
WIDTH = 30
PERCENT = 100.0


def sparkline(trend: Trend, unit: str, threshold: float, *, width: int = WIDTH) -> str:
    """The highest values of equal parts of the time, at most `width` of them, in `unit`.

    The lowest height is zero (or less, where a value is), and the highest is 100 % or, of another unit, the
    larger of `threshold` and the highest value: so the same height is the same value in every message of an
    alert that is no worse.
    """
    parts = condensed(trend.values, width)
    floor = min([0.0, *trend.measured])
    top = max([PERCENT if unit == "%" else threshold, *trend.measured])
    return "".join(_height(value, floor, top) for value in parts)


def condensed(values: Sequence[float | None], width: int) -> list[float | None]:
    """At most `width` values, each the highest of as many neighbours as the others; None where all are."""
    each = max(1, -(-len(values) // width))
    parts = [values[first : first + each] for first in range(0, len(values), each)]
    return [max((value for value in part if value is not None), default=None) for part in parts]


def _height(value: float | None, floor: float, top: float) -> str:
    if value is None:
        return GAP
    share = (value - floor) / (top - floor) if top > floor else 0.0
    return HEIGHTS[min(len(HEIGHTS) - 1, int(share * len(HEIGHTS)))]
