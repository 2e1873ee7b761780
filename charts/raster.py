"""Turns a chart into a PNG, with a font of its own: the picture is the same on every machine."""

from charts.model import Chart
from charts.vector import svg


def png(picture: Chart | str, scale: float = 2) -> bytes:
    """A PNG of a chart, or of an SVG made here, at so many pixels for each of its own.

    Raises ValueError for an SVG that cannot be read, and for a scale that is not between 0.1 and 8.
    """
    if not 0.1 <= scale <= 8:
        raise ValueError(f"a picture is scaled by 0.1 to 8, not {scale}")
    import fontpkg
    import resvg_py

    document = svg(picture) if isinstance(picture, Chart) else picture
    return resvg_py.svg_to_bytes(
        svg_string=document,
        zoom=scale,
        skip_system_fonts=True,
        font_files=[str(fontpkg.path("roboto"))],
        font_family="Roboto",
        sans_serif_family="Roboto",
    )
