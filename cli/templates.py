"""`tocsin templates`: the words of messages, which files they come from, and what is wrong with yours."""

import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.context import load_settings
from cli.errors import NOT_SO, USAGE, CommandError
from cli.group import group
from cli.logs import log_beside_the_result
from cli.output import AsJson, print_json, say, warn
from cli.templating import pages, subjects
from notifications.digest import Digest
from notifications.examples import EXAMPLES
from notifications.notice import Notice
from notifications.proofs import catalogue, check, copied, differences, preview
from notifications.quantities import clock
from notifications.rendering import Renderer
from settings import Settings, shown

app = group(
    "See the words of messages, and look after templates of your own.",
    "tocsin templates check",
)

LATEST = 50


class Channel(StrEnum):
    """Where a message is seen."""

    EMAIL = "email"
    SLACK = "slack"
    TEXT = "text"


Name = Annotated[str, typer.Argument(metavar="TEMPLATE", help="Its name, as shared/footer.txt.")]


@app.command("list", epilog="Example: tocsin templates list")
def list_(*, as_json: AsJson = False) -> None:
    """List the templates: ours, and yours that go before them.

    With the events that use each, directly or through others.
    """
    found = catalogue(load_settings().tocsin_templates)
    if as_json:
        print_json(found)
    else:
        pages.table_of(found)


@app.command("check", epilog="Example: tocsin templates check")
def check_(*, as_json: AsJson = False) -> None:
    """Render every message with your templates, and say what is wrong with them.

    Over the examples that come with Tocsin, and over the last alerts where a database runs: unknown names,
    limits of lock screens, Gmail and Slack, and facts that text and page do not both have. Exits with 1 when
    anything is wrong.
    """
    settings = load_settings()
    log_beside_the_result()
    tried: Mapping[str, Notice | Digest] = {**EXAMPLES, **subjects.stored(settings, LATEST)}
    found = check(settings.tocsin_templates, tried, pages.progress(len(tried)))
    if as_json:
        print_json({"rendered": len(tried), "findings": found})
    else:
        pages.findings(found, len(tried))
    if found:
        raise typer.Exit(NOT_SO)


@app.command("preview", epilog="Example: tocsin templates preview opened --channel slack --open")
def preview_(
    event: Annotated[
        str, typer.Argument(metavar="EVENT", help="As opened, resolved, digest, drill or no-data.")
    ],
    *,
    alert: Annotated[int | None, typer.Option(min=1, help="A real alert in place of an example.")] = None,
    channel: Annotated[Channel, typer.Option(help="Where it is seen.")] = Channel.EMAIL,
    out: Annotated[Path | None, typer.Option(help="Write it into this file.")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Show a message as it would arrive, with your templates.

    A page of HTML for mail and for Slack, which follows Slack's layout; text for the rest. It is printed,
    unless --out names a file or --open a browser.
    """
    settings = load_settings()
    log_beside_the_result()
    subject = subjects.subject(settings, event, alert)
    renderer = Renderer(settings.tocsin_templates)
    if isinstance(subject, Digest):
        rendered, at = renderer.render_digest(subject), subject.planned_at
    else:
        rendered, at = renderer.render(subject), subject.at
    _show(preview(subject, rendered, channel, clock(at, at)), channel, out, open_it=open_it)


@app.command(epilog="Example: tocsin templates diff shared/footer.txt")
def diff(
    name: Annotated[str | None, typer.Argument(metavar="TEMPLATE", help="By default, all of yours.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show how your templates differ from the built-in ones, and whether these have changed since."""
    overrides = _folder(load_settings())
    found = [one for one in differences(overrides) if name in {None, one.name}]
    if name is not None and not found:
        raise CommandError(f"{shown(overrides)} has no {name}", "tocsin templates list shows what it has")
    if as_json:
        print_json(found)
    else:
        pages.differences(found)


@app.command(epilog="Example: tocsin templates copy shared/footer.txt")
def copy(name: Name) -> None:
    """Copy a built-in template into your folder, as the start of your own.

    Its first line says which built-in it is, so that a later change of ours is noticed. A file that is
    there already stays as it is.
    """
    overrides = _folder(load_settings())
    known = [one.name for one in catalogue(None)]
    if name not in known:
        raise CommandError(f"there is no template {shown(name)}", pages.meant(name, known), USAGE)
    path = overrides / name
    path.parent.mkdir(exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(copied(name))
    except FileExistsError:
        raise CommandError(f"{shown(path)} is there already", "tocsin templates diff compares it") from None
    say(f"{path} is used from now on; tocsin templates check looks at it")


def _folder(settings: Settings) -> Path:
    if settings.tocsin_templates is None:
        remedy = "set it to a folder for templates of your own"
        raise CommandError("TOCSIN_TEMPLATES is not set, so all words are the built-in ones", remedy, USAGE)
    return settings.tocsin_templates


def _show(text: str, channel: Channel, out: Path | None, *, open_it: bool) -> None:
    if out is None and not open_it:
        sys.stdout.write(text)
        return
    path = out or _somewhere(channel)
    path.write_text(text, "utf-8")
    say(f"written to {path}")
    if open_it and not webbrowser.open(path.absolute().as_uri()):
        warn("no browser could be opened")


def _somewhere(channel: Channel) -> Path:
    suffix = ".txt" if channel is Channel.TEXT else ".html"
    with tempfile.NamedTemporaryFile(prefix="tocsin-", suffix=suffix, delete=False) as file:
        return Path(file.name)
