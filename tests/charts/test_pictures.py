"""A chart shows what was measured, admits what was not, and survives any text."""

import re
import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from charts import DARK, LIGHT, Chart, Mark, Series, Theme, Threshold, png, svg

START = datetime(2026, 11, 21, 3, tzinfo=UTC)
STEP = timedelta(minutes=1)
SVG = "{http://www.w3.org/2000/svg}"


def series(*values: float | None, **more: object) -> Series:
    return Series(tuple(START + STEP * nth for nth in range(len(values))), values, **more)  # type: ignore[arg-type]


CHART = Chart(
    "web-1",
    series(10, 20, 95, 96, low=(5, 10, 90, 91), high=(15, 25, 99, 99)),
    "%",
    (Threshold("warning 70 %", 70, "warning"), Threshold("critical 90 %", 90, "critical")),
    (Mark("breach began", START + 2 * STEP, "critical"),),
)


def drawn(chart: Chart) -> ET.Element:
    return ET.fromstring(svg(chart))  # noqa: S314 our own picture


def lines(chart: Chart) -> list[list[tuple[float, float]]]:
    """The points of each part of the measured line."""
    found = [part for part in drawn(chart).iter(f"{SVG}polyline") if part.get("stroke") == chart.theme.line]
    return [
        [(float(x), float(y)) for x, y in (point.split(",") for point in (line.get("points") or "").split())]
        for line in found
    ]


def texts(chart: Chart) -> list[str]:
    return [part.text or "" for part in drawn(chart).iter(f"{SVG}text")]


@pytest.mark.parametrize("missing", [None, float("nan"), float("inf")])
def test_a_gap_is_a_gap_and_never_zero(missing: float | None) -> None:
    first, second = lines(Chart("web-1", series(50, 50, missing, 50, 50), "%"))
    assert len(first) == len(second) == 2
    assert {y for _, y in first + second} == {first[0][1]}


def test_rows_that_are_not_there_are_a_gap_too() -> None:
    times = (START, START + STEP, START + 9 * STEP, START + 10 * STEP)
    assert len(lines(Chart("web-1", Series(times, (1, 1, 1, 1), joined=2 * STEP)))) == 2
    assert len(lines(Chart("web-1", Series(times, (1, 1, 1, 1))))) == 1


def test_a_single_measurement_between_gaps_is_seen() -> None:
    assert 'r="2.5"' in svg(Chart("web-1", series(None, 5, None)))


def test_the_band_breaks_where_the_line_does() -> None:
    chart = Chart("web-1", series(2, 2, None, 2, 2, low=(1, 1, None, 1, 1), high=(3, 3, 9, 3, 3)))
    assert len(list(drawn(chart).iter(f"{SVG}polygon"))) == 2


def test_thresholds_and_marks_stand_where_they_belong() -> None:
    (line,) = lines(CHART)
    dashed = [part for part in drawn(CHART).iter(f"{SVG}polyline") if part.get("stroke-dasharray")]
    levels = [float(re.split("[ ,]", part.get("points") or "")[1]) for part in dashed]
    assert levels[0] < levels[1] < line[1][1]
    assert line[2][1] < levels[0]
    assert f"{line[2][0]:.1f}," in svg(CHART).split("breach began")[0].split("<polyline")[-1]
    assert {
        "warning 70 %",
        "critical 90 %",
        "breach began",
        "%",
        "2026-11-21 03:00:00 to 03:03:00 UTC",
    } <= set(texts(CHART))


def test_nothing_measured_says_so_and_keeps_its_time() -> None:
    chart = Chart("web-1", Series((), ()), since=START, until=START + STEP)
    assert "no measurements in this time" in texts(chart)
    with pytest.raises(ValueError, match="since and until"):
        svg(Chart("web-1", Series((), ())))


@given(st.text())
def test_any_text_makes_a_document_that_can_be_read(text: str) -> None:
    chart = replace(
        CHART, title=text, thresholds=(Threshold(text, 1, text),), marks=(Mark(text, START, text),)
    )
    assert all(part.tag.removeprefix(SVG) != "script" for part in drawn(chart).iter())


def test_a_host_called_like_markup_is_only_a_name() -> None:
    assert '</text><script>"&' in texts(Chart('</text><script>"&', series(1, 2)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: Series((datetime(2026, 1, 1), START), (1, 2)), "no time zone"),  # noqa: DTZ001
        (lambda: Series((START, START), (1, 2)), "times rise"),
        (lambda: Series((START,), (1, 2)), "as many values"),
        (lambda: Series((START,), (1,), low=(1,)), "as many high"),
        (lambda: Chart("x", series(1), width=10), "240 to 4000"),
        (lambda: png(CHART, scale=99), "0.1 to 8"),
    ],
)
def test_what_cannot_be_drawn_says_why(wrong: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        wrong()  # type: ignore[operator]


def test_a_png_has_its_size_and_is_the_same_again() -> None:
    picture = png(CHART, scale=2)
    assert struct.unpack(">II", picture[16:24]) == (1200, 400)
    assert picture == png(svg(CHART), scale=2)


def test_letters_are_drawn_though_the_machine_has_no_fonts() -> None:
    assert png(CHART) != png(replace(CHART, title="web-2"))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_text_stands_out_from_its_background(theme: Theme) -> None:
    for colour in (theme.ink, theme.muted, theme.warning, theme.critical):
        dark, light = sorted((_luminance(colour), _luminance(theme.background)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
