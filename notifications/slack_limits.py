"""Keeps a Slack message within Slack's limits, so that it is cut by us, visibly, and not refused by Slack.

The figures are those of Slack's Block Kit reference; the sum over all blocks is not documented, and messages
of 12,000 to 13,000 characters were refused as `msg_blocks_too_long`, so 10,000 is where we stop.
"""

from typing import Any

from notifications.escaping import cut

Block = dict[str, Any]

BLOCKS = 50
HEADER = 150
SECTION = 3000
FIELD = 2000
FIELDS = 10
CONTEXT = 10
FALLBACK = 4000
TOTAL = 10_000

# What a channel adds, for which nothing may have to go: a header that says how things stand, put on top when
# the message is edited; a chart with its labels; buttons.
SPARE_BLOCKS, SPARE_ROOM = 3, HEADER + 1000 + 100


def fitted(blocks: list[Block], room: int, most: int, where: str) -> list[Block]:
    """As many of `blocks`, in order, as `room` characters and `most` blocks allow, each within its limits.

    What does not fit is left out, and a last line says so and names the command that shows the rest.
    """
    cut_blocks = [_cut(block, where) for block in blocks]
    if len(blocks) <= most and sum(map(size, blocks)) <= room:
        return cut_blocks
    notice = context(f"(cut; full text: {where})")
    room -= size(notice)
    kept: list[Block] = []
    for block in cut_blocks[: most - 1]:
        room -= size(block)
        if room < 0:
            break
        kept.append(block)
    return [*kept, notice] if len(kept) < len(blocks) else kept


def size(block: Block) -> int:
    """Characters of text in a block."""
    texts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
    return sum(len(text["text"]) for text in texts if text)


def context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def _cut(block: Block, where: str) -> Block:
    if "text" in block:
        limit = HEADER if block["type"] == "header" else SECTION
        return block | {"text": _cut_text(block["text"], limit, where)}
    if "fields" in block:
        return block | {"fields": [_cut_text(field, FIELD, where) for field in block["fields"][:FIELDS]]}
    return block | {
        "elements": [_cut_text(element, SECTION, where) for element in block["elements"][:CONTEXT]]
    }


def _cut_text(text: dict[str, Any], limit: int, where: str) -> dict[str, Any]:
    return text | {"text": cut(text["text"], limit, where)}
