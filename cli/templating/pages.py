"""How `tocsin templates` prints."""

import difflib
import sys
from collections.abc import Callable, Sequence

from rich.text import Text

from cli.output import console, say, table
from notifications.proofs import Difference, Finding, Origin, Template, events

STYLES = {"+": "green", "-": "red", "@": "cyan"}


def table_of(found: Sequence[Template]) -> None:
    rows = [(one.name, _whose(one), _used(one.used_by)) for one in found]
    table(("TEMPLATE", "WHOSE", "USED BY"), rows)


def _whose(one: Template) -> str:
    if one.override is None:
        return "built-in"
    return f"yours, before ours: {one.override}" if one.built_in else f"yours: {one.override}"


def _used(by: Sequence[str]) -> str:
    every = events()
    if len(by) == len(every):
        return "everything"
    return "every event" if len(by) == len(every) - 1 and "digest" not in by else ", ".join(by) or "nothing"


def progress(whole: int) -> Callable[[str], None]:
    """Shows on a terminal how far a check is."""
    if not sys.stderr.isatty():
        return lambda _name: None
    done = 0

    def step(name: str) -> None:
        nonlocal done
        done += 1
        end = "\n" if done == whole else ""
        sys.stderr.write(f"\r\x1b[K{done} of {whole}: {name[:60]}{end}")

    return step


def findings(found: Sequence[Finding], rendered: int) -> None:
    for one in found:
        say(str(one))
    many = f"{len(found)} finding{'s' if len(found) > 1 else ''}" if found else "nothing is wrong"
    say(f"{rendered} messages were rendered: {many}")


def differences(found: Sequence[Difference]) -> None:
    """Each template of an operator: what it was made from, and its unified diff."""
    if not found:
        say("no template of yours is there")
    for one in found:
        say(f"{one.name}: {one.words}")
        for line in one.lines:
            console().print(Text(line, style=STYLES.get(line[:1], "")), soft_wrap=True)
        if not one.lines and one.origin is not Origin.NEW:
            say("  it says the same as the built-in")


def meant(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else "tocsin templates list shows which there are"
