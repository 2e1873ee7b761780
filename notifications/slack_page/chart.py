"""Slack's chart of lines as an SVG: about as large as Slack draws it, with its axis and its names."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 600, 180, 44, 22, 8
COLOURS = ("#1264a3", "#e01e5a", "#2eb67d", "#ecb22e")

_CHART = Markup(
    '<figure class="chart"><figcaption>{title}</figcaption>'
    '<svg viewBox="0 0 {width} {height}" role="img"><title>{title}</title>{inner}</svg></figure>'
)
_LINE = Markup('<polyline fill="none" stroke="{colour}" stroke-width="2" points="{points}"/>')
_NAME = Markup('<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{fill}">{words}</text>')


def chart(block: Mapping[str, Any]) -> Markup:
    """A `data_visualization` of type `line`."""
    series = block["chart"]["series"]
    values = [[point["value"] for point in one["data"]] for one in series]
    low, high = _range(values)
    lines = [_line(one, low, high, COLOURS[n % len(COLOURS)]) for n, one in enumerate(values)]
    inner = Markup("").join([*lines, *_axis(block["chart"]["axis_config"], low, high), *_legend(series)])
    return _CHART.format(title=block["title"], width=WIDTH, height=HEIGHT, inner=inner)


def _range(values: Sequence[Sequence[float]]) -> tuple[float, float]:
    every = [value for one in values for value in one]
    low, high = min(0.0, *every), max(every)
    return low, high if high > low else low + 1


def _line(values: Sequence[float], low: float, high: float, colour: str) -> Markup:
    step = (WIDTH - LEFT - TOP) / max(1, len(values) - 1)
    points = " ".join(f"{LEFT + n * step:.1f},{_y(value, low, high):.1f}" for n, value in enumerate(values))
    return _LINE.format(colour=colour, points=points)


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - 3 * TOP)


def _axis(config: Mapping[str, Any], low: float, high: float) -> list[Markup]:
    names, unit = config["categories"], config.get("y_label", "")
    return [
        _name(LEFT - 6, _y(high, low, high) + 4, "end", f"{high:g}"),
        _name(LEFT - 6, _y(low, low, high) + 4, "end", f"{low:g} {unit}"),
        _name(LEFT, HEIGHT - 6, "start", names[0]),
        _name(WIDTH - TOP, HEIGHT - 6, "end", f"{names[-1]} {config.get('x_label', '')}".strip()),
    ]


def _legend(series: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """The names of the lines, in their colours, on the top right."""
    return [
        _name(WIDTH - TOP - 90 * n, 2 * TOP - 4, "end", one["name"], COLOURS[n % len(COLOURS)])
        for n, one in enumerate(series)
    ]


def _name(x: float, y: float, anchor: str, words: str, fill: str = "currentColor") -> Markup:
    return _NAME.format(x=f"{x:.0f}", y=f"{y:.0f}", anchor=anchor, words=words, fill=fill)
