"""Draws a chart as SVG."""

from collections.abc import Iterator
from html import escape
from math import isfinite

from charts.axes import period
from charts.frame import TEXT, TITLE, TOP, Frame, Point, fitting, frame, width
from charts.model import Chart, Mark, Threshold


def svg(chart: Chart) -> str:
    """The chart as an SVG document of its own; the same chart gives the same text.

    Texts are escaped, so a host may be called anything. Raises ValueError for a chart that has neither a
    point nor `since` and `until`.
    """
    place = frame(chart)
    parts = "\n".join(
        (*_head(place), *_grid(place), *_band(place), *_line(place), *_levels(place), *_marks(place))
    )
    name = _clean(f"{chart.title}, {period(place.since, place.until)}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{chart.width}" height="{chart.height}" '
        f'viewBox="0 0 {chart.width} {chart.height}" role="img" font-family="Roboto, sans-serif">\n'
        f"<title>{name}</title>\n"
        f'<rect width="{chart.width}" height="{chart.height}" rx="6" fill="{chart.theme.background}"/>\n'
        f"{parts}\n</svg>\n"
    )


def _head(place: Frame) -> Iterator[str]:
    chart = place.chart
    covered = period(place.since, place.until)
    taken = width(covered, TEXT) + 24
    title = fitting(chart.title, TITLE, chart.width - taken - 14)
    yield _text((14, 20), title, chart.theme.ink, size=TITLE, more='font-weight="600"')
    yield _text((place.right, 20), covered, chart.theme.muted, anchor="end")
    if place.values.unit:
        yield _text((14, TOP - 9), place.values.unit, chart.theme.muted)


def _grid(place: Frame) -> Iterator[str]:
    theme = place.chart.theme
    for level in place.values.ticks:
        y = place.y(level.at)
        yield _stroke([(place.left, y), (place.right, y)], theme.grid)
        yield _text((place.left - 6, y + 4), level.label, theme.muted, anchor="end")
    for moment in place.times:
        x = place.x(moment.at)
        half = width(moment.label, TEXT) / 2
        yield _stroke([(x, place.bottom), (x, place.bottom + 4)], theme.muted)
        if place.left - 12 < x - half and x + half < place.chart.width:
            yield _text((x, place.bottom + 17), moment.label, theme.muted, anchor="middle")


def _band(place: Frame) -> Iterator[str]:
    series = place.chart.series
    both = [
        all(number is not None and isfinite(number) for number in trio)
        for trio in zip(series.low, series.high, series.values, strict=False)
    ]
    lower, upper = (
        place.runs(tuple(value if whole else None for value, whole in zip(values, both, strict=True)))
        for values in (series.low, series.high)
    )
    for low, high in zip(lower, upper, strict=True) if both else ():
        points = _points([*high, *reversed(low)])
        yield f'<polygon points="{points}" fill="{place.chart.theme.line}" fill-opacity="0.2"/>'


def _line(place: Frame) -> Iterator[str]:
    chart, drawn = place.chart, False
    for run in place.runs(chart.series.values):
        drawn = True
        if len(run) == 1:
            yield _dot(run[0], chart.theme.line)
        else:
            yield _stroke(run, chart.theme.line, 'stroke-width="1.6" stroke-linejoin="round"')
    if not drawn:
        middle = ((place.left + place.right) / 2, (TOP + place.bottom) / 2)
        words = "no measurements in this time"
        yield _text(middle, words, chart.theme.muted, anchor="middle", halo=chart.theme.background)


def _levels(place: Frame) -> Iterator[str]:
    above: float | None = None
    for threshold in sorted(place.chart.thresholds, key=lambda threshold: -threshold.value):
        y = place.y(threshold.value)
        crowded = above is not None and y - above < TEXT + 4
        yield from _level(place, threshold, y, y + TEXT + 1 if crowded or y - TEXT < TOP - 8 else y - 4)
        above = y


def _level(place: Frame, threshold: Threshold, y: float, baseline: float) -> Iterator[str]:
    theme = place.chart.theme
    colour = theme.of(threshold.severity)
    yield _stroke([(place.left, y), (place.right, y)], colour, 'stroke-dasharray="5 4"')
    label = fitting(threshold.label, TEXT, (place.right - place.left) / 2)
    # At the left, because what is worth a look is mostly at the right.
    yield _text((place.left + 4, baseline), label, colour, halo=theme.background)


def _marks(place: Frame) -> Iterator[str]:
    for mark in place.chart.marks:
        if place.shows(mark.at):
            yield from _mark(place, mark)


def _mark(place: Frame, mark: Mark) -> Iterator[str]:
    theme, x = place.chart.theme, place.x(mark.at)
    colour = theme.of(mark.severity)
    yield _stroke([(x, TOP - 4), (x, place.bottom)], colour, 'stroke-width="1.2"')
    yield _dot((x, TOP - 6), colour)
    right = x < (place.left + place.right) / 2
    room = (place.right - x if right else x - place.left) - 8
    label = fitting(mark.label, TEXT, room)
    at = (x + 7, TOP - 7) if right else (x - 7, TOP - 7)
    yield _text(at, label, colour, anchor="start" if right else "end", halo=theme.background)


def _stroke(points: list[Point], colour: str, more: str = "") -> str:
    return f'<polyline points="{_points(points)}" fill="none" stroke="{colour}" {more}/>'


def _dot(point: Point, colour: str) -> str:
    return f'<circle cx="{point[0]:.1f}" cy="{point[1]:.1f}" r="2.5" fill="{colour}"/>'


def _points(points: list[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _text(
    at: Point,
    text: str,
    colour: str,
    *,
    size: int = TEXT,
    anchor: str = "start",
    halo: str = "",
    more: str = "",
) -> str:
    if halo:  # text that crosses a line stays legible
        more += f' paint-order="stroke" stroke="{halo}" stroke-width="3" stroke-linejoin="round"'
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" font-size="{size}" fill="{colour}" '
        f'text-anchor="{anchor}" {more}>{_clean(text)}</text>'
    )


def _clean(text: str) -> str:
    """A text that XML may hold: its signs escaped, what it must not contain at all replaced."""
    return escape("".join(sign if _allowed(sign) else "\ufffd" for sign in text))


def _allowed(sign: str) -> bool:
    """Whether XML 1.0 has the character (section 2.2)."""
    return sign in "\t\n\r" or " " <= sign <= "\ud7ff" or "\ue000" <= sign <= "\ufffd" or sign >= "\U00010000"
