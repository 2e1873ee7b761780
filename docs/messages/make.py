"""Makes what docs/ shows of messages: a page of Slack's, a picture of each, and the table of measures.

Run it as `python docs/messages/make.py` after templates have changed. It needs Chromium and pngquant, as
`apt-get install --no-install-recommends chromium fonts-dejavu-core pngquant` brings them on Debian. With
`--text` it leaves the pictures as they are, and needs neither.
"""
# ruff: noqa: INP001 - a script that lies beside what it makes, and no package

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from notifications.context import Context, Frame
from notifications.digest import Digest
from notifications.drafts import LOCK_SCREEN
from notifications.examples import EXAMPLES
from notifications.notice import Notice
from notifications.proofs import as_sent, preview
from notifications.quantities import clock
from notifications.rendering import Rendered, Renderer
from notifications.slack_page import message, page

DOCS = Path(__file__).parents[1]
PAGE, GALLERY, MESSAGES = DOCS / "messages/slack.html", DOCS / "gallery.md", DOCS / "messages.md"
PICTURES = DOCS / "images/messages"
BEGIN, END = "<!-- measured by docs/messages/make.py -->\n", "<!-- end -->\n"

INTRODUCTION = (
    "Each message once, of an ordinary night: in Slack, and as a mail on a phone (360 pixels wide) and at",
    "a desk (800), in light and in dark. They are made from the built-in templates by",
    "`docs/messages/make.py`. The pictures of Slack are of [a page of ours](messages/slack.html), which",
    "follows Slack's layout. What each part says stands on [the page about messages](messages.md).",
)

BROWSER = "/usr/bin/chromium"
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *(
        "--disable-component-update",
        "--disable-sync",
        "--disable-lcd-text",
        "--hide-scrollbars",
        "--font-render-hinting=none",
    ),
)
COLOURS = "20"
SCHEMES, WIDTHS, SLACK = ("light", "dark"), (360, 800), 680
FACTS = ("severity", "host", "component", "value")


@dataclass(frozen=True, slots=True)
class Shown:
    """One example, rendered, with what its template could name."""

    name: str
    subject: Notice | Digest
    context: Frame
    rendered: Rendered

    @property
    def at(self) -> str:
        at = self.subject.planned_at if isinstance(self.subject, Digest) else self.subject.at
        return clock(at, at)

    @property
    def lines(self) -> tuple[str, str]:
        """What a lock screen shows: of Slack and the others, and of a mail its subject and beginning."""
        return self.rendered.summary, f"{self.rendered.subject} {self.rendered.preheader}"


def main() -> None:
    """Make everything, or all but the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--text", action="store_true", help="leave the pictures as they are")
    shown = examples()
    PAGE.write_text(slack_page(shown), "utf-8")
    GALLERY.write_text(gallery(shown), "utf-8")
    MESSAGES.write_text(with_table(MESSAGES.read_text("utf-8"), shown), "utf-8")
    if not parser.parse_args().text:
        photograph(shown)


def examples() -> list[Shown]:
    renderer = Renderer()
    proofs = {name: renderer.proof(subject) for name, subject in EXAMPLES.items()}
    return [Shown(name, EXAMPLES[name], context, rendered) for name, (context, rendered) in proofs.items()]


def slack_page(shown: list[Shown]) -> str:
    """Every message one after the other, as in a channel."""
    sent = [(as_sent(one.subject, one.rendered), one.at) for one in shown]
    return page("Tocsin's messages in Slack", [message(content, at) for content, at in sent])


def with_table(text: str, shown: list[Shown]) -> str:
    """The page about messages with the table of what was measured, in the place of the last one."""
    table = "\n".join(_table(shown))
    return re.sub(f"{BEGIN}.*?{END}", lambda _: f"{BEGIN}\n{table}\n\n{END}", text, flags=re.DOTALL)


def _table(shown: list[Shown]) -> Iterator[str]:
    yield f"| message | {' | '.join(FACTS)} | characters | the line |"
    yield f"| --- |{' --: |' * (len(FACTS) + 1)} --- |"
    for one in shown:
        for where, line in zip(("", ", mail"), one.lines, strict=True):
            places = " | ".join(str(place(one.context, fact, line) or "-") for fact in FACTS)
            yield f"| {one.name}{where} | {places} | {len(line)} | {line[:LOCK_SCREEN]} |"


def place(context: Frame, fact: str, line: str) -> int | None:
    """Where in the first 120 characters of a line a fact begins, from 1; a digest has no single host."""
    words = [getattr(context, fact, None)]
    if fact == "severity" and isinstance(context, Context) and context.over:
        words = ["RESOLVED"]
    found = [line[:LOCK_SCREEN].find(word) for word in words if word]
    return found[0] + 1 if found and found[0] >= 0 else None


def gallery(shown: list[Shown]) -> str:
    """The page of pictures."""
    return "\n".join(_gallery(shown)) + "\n"


def _gallery(shown: list[Shown]) -> Iterator[str]:
    yield "# What messages look like"
    yield ""
    yield from INTRODUCTION
    for one in shown:
        yield f"\n## {one.name}\n"
        yield f"{one.rendered.summary}\n"
        yield f"{_image(one.name, 'slack-light', SLACK)} {_image(one.name, 'slack-dark', SLACK)}"
        yield f"{_image(one.name, 'mail-360-light', 360)} {_image(one.name, 'mail-360-dark', 360)}\n"
        links = (f"[mail at 800 pixels, {s}](images/messages/{one.name}-mail-800-{s}.png)" for s in SCHEMES)
        yield ", ".join(links)


def _image(name: str, view: str, width: int) -> str:
    path = f"images/messages/{name}-{view}.png"
    return f'<img src="{path}" width="{width // 2 if width == SLACK else 240}" alt="{name}, {view}">'


def photograph(shown: list[Shown]) -> None:
    """A picture of each message in each of its views."""
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, headless=True, args=list(OPTIONS))
        for one in shown:
            for view, width, scheme, html in views(one):
                file = Path(folder) / "page.html"
                file.write_text(html, "utf-8")
                tab = browser.new_page(viewport={"width": width, "height": 200}, color_scheme=scheme)
                tab.goto(file.as_uri())
                tab.screenshot(path=PICTURES / f"{one.name}-{view}.png", full_page=True)
                tab.close()
            sys.stdout.write(f"{one.name}\n")
        browser.close()
    _compress()


def _compress() -> None:
    """Few colours are enough for words on paper, and make a picture a quarter as large."""
    files = [str(path) for path in sorted(PICTURES.glob("*.png"))]
    subprocess.run(["pngquant", "--force", "--ext", ".png", "--speed", "1", COLOURS, *files], check=True)


def views(one: Shown) -> Iterator[tuple[str, int, str, str]]:
    """Each view: its name, its width in pixels, light or dark, and the page."""
    slack = preview(one.subject, one.rendered, "slack", one.at)
    mail = preview(one.subject, one.rendered, "email")
    for scheme in SCHEMES:
        yield f"slack-{scheme}", SLACK, scheme, slack
        for width in WIDTHS:
            yield f"mail-{width}-{scheme}", width, scheme, mail


if __name__ == "__main__":
    main()
