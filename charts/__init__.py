"""Draws a series of measurements as SVG or PNG: no database, no network, the same bytes for the same chart.

    critical = Threshold("critical 90 %", 90, "critical")
    chart = Chart("web-1 · CPU", Series(times, values), unit="%", thresholds=(critical,))
    picture = png(chart)

A missing value is a gap in the line, never a zero.
"""

from charts.model import DARK, LIGHT, Chart, Mark, Series, Theme, Threshold
from charts.raster import png
from charts.vector import svg

__all__ = ["DARK", "LIGHT", "Chart", "Mark", "Series", "Theme", "Threshold", "png", "svg"]
