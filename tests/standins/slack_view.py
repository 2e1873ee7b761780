"""A Slack message as people would see it, in plain text, and what in it would take effect."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from notifications.slack_rules import texts

_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_LABEL = re.compile(r"\A\*([^*]+)\*\n")
_CONTROL = re.compile(r"<([^<>]+)>")
_BARE_LINK = re.compile(r"https?://\S+")


def shown(message: dict[str, Any]) -> str:
    """The message, line by line; blocks stand in for the text, as in Slack."""
    lines = [] if message.get("blocks") else [_read(message.get("text", ""))]
    lines += [line for block in message.get("blocks") or [] for line in _block(block)]
    for attachment in message.get("attachments") or []:
        bar = f"▌{attachment.get('color', '')}"
        lines += [bar, *(f"▌ {line}" for block in attachment.get("blocks") or [] for line in _block(block))]
    return "\n".join(lines)


def effects(message: dict[str, Any]) -> list[str]:
    """Every mention and link that Slack would make of the message; code and plain_text make none."""
    fallback = message.get("text", "")
    marked = [text["text"] for text in _all_texts(message) if text["type"] == "mrkdwn"]
    # Beside blocks the text is only spoken of in notifications, where links are dead and mentions are not.
    found: list[str] = _CONTROL.findall(fallback) if marked else []
    for words in marked or [fallback]:
        found += _CONTROL.findall(words) + _BARE_LINK.findall(_CONTROL.sub("", _CODE.sub("", words)))
    return found


def outside_code(message: dict[str, Any]) -> str:
    """All text in which asterisks, underscores and tildes would be read as markup."""
    words = [text["text"] for text in _all_texts(message) if text["type"] == "mrkdwn"]
    return "\n".join(_CODE.sub("", word) for word in words)


def _all_texts(message: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
    for block in message.get("blocks") or []:
        yield from texts(block)
    for attachment in message.get("attachments") or []:
        for block in attachment.get("blocks") or []:
            yield from texts(block)


def _block(block: dict[str, Any]) -> Iterator[str]:
    if block["type"] == "header":
        yield f"## {_read(block['text']['text'])}"
        return
    for text in texts(block):
        yield from _LABEL.sub(r"\1: ", _read(text["text"])).splitlines()


def _read(words: str) -> str:
    """Slack knows three entities; what stands between < and > is a mention or a link."""
    seen = _CONTROL.sub(lambda found: f"[{found[1].split('|')[-1]}]", words)
    return html.unescape(seen)
