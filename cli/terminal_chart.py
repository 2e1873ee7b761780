"""A chart for a terminal, in characters: the same axes and the same gaps as the picture has."""

import shutil
import sys

from charts import Chart
from charts.axes import period
from charts.frame import frame

# What a chart takes where there is no terminal to ask.
COLUMNS, LINES = 100, 20


def drawn(chart: Chart, size: tuple[int, int] | None = None) -> str:
    """The chart as text, of so many columns and lines; without colours, which a file would not want."""
    import plotext

    columns, lines = size or _room()
    place = frame(chart)
    figure = plotext.figure
    figure.clear()
    figure.theme("colorless")
    figure.plot_size(columns, lines)
    for run in place.stretches(chart.series.values):
        xs, ys = [at.timestamp() for at, _ in run], [value for _, value in run]
        figure.draw(figure.signal(xs, ys).lines())
    figure.ruler("x").lim(place.since.timestamp(), place.until.timestamp())
    figure.ruler("y").lim(place.values.low, place.values.high)
    figure.ruler("x").ticks([at.at.timestamp() for at in place.times], [at.label for at in place.times])
    figure.ruler("y").ticks(
        [tick.at for tick in place.values.ticks], [tick.label for tick in place.values.ticks]
    )
    for threshold in chart.thresholds:
        figure.line(threshold.value, "horizontal")
    text = str(plotext.uncolorize(figure.build().string()))
    unit = f", {place.values.unit}" if place.values.unit else ""
    lines_of_text = (line.rstrip() for line in text.splitlines())
    return "\n".join((f"{chart.title}{unit}, {period(place.since, place.until)}", *lines_of_text))


def _room() -> tuple[int, int]:
    if not sys.stdout.isatty():
        return COLUMNS, LINES
    columns, lines = shutil.get_terminal_size((COLUMNS, LINES))
    return max(40, columns - 1), max(10, min(lines - 4, 24))
