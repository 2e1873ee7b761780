"""Every command explains itself: what it is for in a line, and an example."""

from typing import Any

import pytest
import typer

from cli.main import COMMANDS, app


def commands() -> list[tuple[str, ...]]:
    """The words of every command, those of groups included."""
    root: Any = typer.main.get_command(app)
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = root.commands[name]
        below = getattr(command, "commands", None)
        found += [(name, one) for one in below] if below else [(name,)]
    return found


def command(words: tuple[str, ...]) -> Any:
    found: Any = typer.main.get_command(app)
    for word in words:
        found = found.commands[word]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_it_has_an_example_that_is_itself(words: tuple[str, ...]) -> None:
    assert f"tocsin {' '.join(words)}" in command(words).epilog


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_it_says_in_one_line_what_it_is_for(words: tuple[str, ...]) -> None:
    first = command(words).help.strip().split("\n\n")[0].replace("\n", " ")
    assert len(first.partition(". ")[0]) <= 100
    assert first.endswith(".")


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_option_says_what_it_is(words: tuple[str, ...]) -> None:
    assert [one.name for one in command(words).params if not one.help and one.name != "help"] == []
