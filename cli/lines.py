"""Lines for a screen: columns that line up, and text that is cut with an ellipsis instead of wrapped."""

from collections.abc import Sequence

from rich.text import Text

from cli.output import printable

Cell = str | Text

GAP = "  "

STYLES = {"green": "green", "yellow": "yellow", "orange": "dark_orange", "red": "red"}


def text(content: str, style: str = "") -> Text:
    """Text that has no power over the terminal, whoever wrote it."""
    return Text(printable(content).replace("\n", " "), style=style)


def cut(line: Text, width: int) -> Text:
    """The line in at most `width` cells, with an ellipsis where something is missing."""
    line = line.copy()
    line.truncate(max(width, 1), overflow="ellipsis")
    return line


def join(parts: Sequence[Cell], between: str = GAP) -> Text:
    return Text(between).join(_text(part) for part in parts)


def columns(
    rows: Sequence[Sequence[Cell]], *, width: int, right: Sequence[int] = (), elastic: int | None = None
) -> list[Text]:
    """Rows with their columns aligned; where it does not fit, the column `elastic` is shortened first."""
    if not rows:
        return []
    cells = [[_text(cell) for cell in row] for row in rows]
    widths = [max(cell.cell_len for cell in column) for column in zip(*cells, strict=True)]
    if elastic is not None:
        over = sum(widths) + len(GAP) * (len(widths) - 1) - width
        widths[elastic] = max(min(8, widths[elastic]), widths[elastic] - max(0, over))
    return [cut(_row(row, widths, right), width) for row in cells]


def wrapped(parts: Sequence[Text], width: int, between: str = " · ") -> list[Text]:
    """Parts one after the other, on as many lines as it takes, none of them broken."""
    lines: list[list[Text]] = [[]]
    used = 0
    for part in parts:
        if lines[-1] and used + len(between) + part.cell_len > width:
            lines.append([])
            used = 0
        used += part.cell_len + (len(between) if lines[-1] else 0)
        lines[-1].append(part)
    return [cut(join(line, between), width) for line in lines if line]


def _row(row: Sequence[Text], widths: Sequence[int], right: Sequence[int]) -> Text:
    last = len(row) - 1
    fitted = []
    for number, (cell, size) in enumerate(zip(row, widths, strict=True)):
        short = cut(cell, size)
        if number in right:
            short.pad_left(size - short.cell_len)
        elif number != last:
            short.pad_right(size - short.cell_len)
        fitted.append(short)
    return join(fitted)


def _text(cell: Cell) -> Text:
    return text(cell) if isinstance(cell, str) else cell
