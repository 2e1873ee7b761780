"""Every command that the documents show exists, with the options that they show."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from cli.main import COMMANDS, app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`(tocsin [a-z][^`]*)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def commands(page: Path) -> list[str]:
    """Each `tocsin …` that a page shows, in its blocks and in its sentences."""
    text = page.read_text()
    lines = [
        line[2:] for block in CONSOLE.findall(text) for line in block.splitlines() if line.startswith("$ ")
    ]
    found = [line.removeprefix(".venv/bin/") for line in lines]
    return [line for line in found if line.startswith("tocsin ")] + INLINE.findall(text)


SHOWN = sorted({(page.name, line) for page in PAGES for line in commands(page)})


def parsed(line: str) -> None:
    """Take a command line apart as the real command does, down to the last option, and run nothing."""
    command: Any = typer.main.get_command(app)
    name: str | None
    context, name, rest = None, "tocsin", shlex.split(line, comments=True)[1:]
    while True:
        context = command.make_context(name, rest, parent=context)
        words = [*context._protected_args, *context.args]
        if not isinstance(command, TyperGroup) or not words:
            return
        name, command, rest = command.resolve_command(context, words)


@pytest.mark.parametrize(("page", "line"), SHOWN)
def test_a_command_that_a_page_shows_is_one(page: str, line: str) -> None:
    if "…" in line:
        pytest.fail(f"{page} shows {line!r}, which nobody can type")
    parsed(line)


def test_a_misspelt_option_would_be_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        parsed("tocsin status --jsno")


def test_every_command_stands_in_some_page() -> None:
    shown = " ".join(line for _, line in SHOWN)
    assert [name for name in COMMANDS if f"tocsin {name}" not in shown] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"
