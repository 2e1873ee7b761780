"""The page around messages: the channel, the sender, and the colours of Slack in light and in dark."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from notifications.slack_page.blocks import attachment, block
from notifications.slack_page.mrkdwn import mrkdwn

STYLE = Path(__file__).with_name("style.css")

_PAGE = Markup(
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
    "<title>{title}</title>\n<style>\n{style}</style></head>\n<body>\n{messages}\n</body></html>\n"
)
_MESSAGE = Markup(
    '<article class="message"><div class="icon">T</div><div class="body">'
    '<div class="sender"><b>Tocsin</b> <span class="app">APP</span> <span class="at">{at}</span></div>'
    "{content}</div></article>"
)


def message(sent: Mapping[str, Any], at: str = "") -> Markup:
    """One message, as chat.postMessage takes it, that came `at` a time in words.

    Raises UnknownBlockError for a block of which there is no picture.
    """
    blocks = [block(one) for one in sent.get("blocks") or []]
    if not blocks:
        blocks = [Markup('<div class="text">{}</div>').format(mrkdwn(sent.get("text", "")))]
    bars = [attachment(one) for one in sent.get("attachments") or []]
    return _MESSAGE.format(at=at, content=Markup("\n").join([*blocks, *bars]))


def page(title: str, messages: Iterable[Markup]) -> str:
    """A whole page of messages, which fetches nothing and runs nothing."""
    style = Markup(STYLE.read_text("utf-8"))  # noqa: S704 - a file of ours
    return str(_PAGE.format(title=title, style=style, messages=Markup("\n").join(messages)))
