"""Lines for a screen: aligned, cut where they do not fit, and harmless."""

from rich.text import Text

from cli.lines import columns, cut, join, text, wrapped


def plain(lines: list[Text]) -> list[str]:
    return [line.plain for line in lines]


def test_columns_line_up_and_numbers_stand_to_the_right() -> None:
    lines = columns([["HOST", "CPU"], ["a", "7.5"], ["web-12", "100.0"]], width=40, right=[1])
    assert plain(lines) == ["HOST      CPU", "a         7.5", "web-12  100.0"]


def test_the_elastic_column_gives_way_first() -> None:
    lines = columns([["a-very-long-name-of-a-host", "7.5"]], width=20, elastic=0)
    assert plain(lines) == ["a-very-long-na…  7.5"]


def test_no_line_is_wider_than_the_screen_whatever_it_holds() -> None:
    for width in range(1, 60):
        lines = columns([["host", "漢字" * 9, "x" * 70]], width=width, elastic=0)
        assert all(line.cell_len <= width for line in lines)


def test_no_rows_are_no_lines() -> None:
    assert columns([], width=20) == []


def test_what_was_cut_says_so_and_what_fits_does_not() -> None:
    assert cut(Text("all of it"), 9).plain == "all of it"
    assert cut(Text("all of it"), 8).plain == "all of …"


def test_parts_go_on_as_many_lines_as_it_takes() -> None:
    parts = [text(word) for word in ("postgres", "redis", "collector", "beat")]
    assert plain(wrapped(parts, 24)) == ["postgres · redis", "collector · beat"]
    assert plain(wrapped(parts, 80)) == ["postgres · redis · collector · beat"]


def test_a_name_cannot_move_the_cursor_or_begin_a_line() -> None:
    assert text("web\x1b[2Jone\nERROR\r").plain == r"web\x1b[2Jone ERROR\r"
    assert join(["\x1b]0;title\x07", "ok"]).plain == r"\x1b]0;title\x07  ok"
