"""Makes a Slack message of the paragraphs of a rendered `slack.txt`; the first character of each says how."""

import re
from collections.abc import Iterator
from typing import Any

from notifications.slack_limits import (
    BLOCKS,
    FALLBACK,
    FIELDS,
    SPARE_BLOCKS,
    SPARE_ROOM,
    TOTAL,
    Block,
    context,
    fitted,
    size,
)

COLOURED = "---"


def payload(summary: str, paragraphs: str, colour: str, where: str) -> dict[str, Any]:
    """The keys `text`, `blocks` and `attachments` of chat.postMessage, within Slack's limits.

    `summary` is the fallback text, which phones show; what follows `---` stands beside a bar of `colour`.
    """
    plain_part, _, coloured_part = paragraphs.partition(f"\n{COLOURED}\n")
    room, blocks = TOTAL - SPARE_ROOM, BLOCKS - SPARE_BLOCKS
    top = fitted(list(_blocks(plain_part)), room, blocks // 2, where)
    room -= sum(map(size, top))
    below = fitted(list(_blocks(coloured_part)), room, blocks - len(top), where)
    attachments = [{"color": colour, "blocks": below}] if below else []
    return {"text": summary[:FALLBACK], "blocks": top, "attachments": attachments}


def _blocks(text: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield from _block(paragraph.strip())


def _block(paragraph: str) -> Iterator[Block]:
    mark, rest = paragraph[:1], paragraph[1:].strip()
    if not rest:
        return
    if mark == "|":
        fields = [_field(line) for line in paragraph.splitlines()]
        for first in range(0, len(fields), FIELDS):
            yield {"type": "section", "fields": fields[first : first + FIELDS]}
    elif mark == "#":
        yield {"type": "header", "text": _plain(rest)}
    elif mark == "=":
        yield {"type": "section", "text": _plain(rest)}
    elif mark == "^":
        yield context(rest)
    else:
        yield {"type": "section", "text": {"type": "mrkdwn", "text": paragraph, "verbatim": True}}


def _field(line: str) -> dict[str, Any]:
    label, _, value = line.strip().removeprefix("|").partition("|")
    return {"type": "mrkdwn", "text": f"*{label.strip()}*\n{value.strip() or '-'}", "verbatim": True}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
