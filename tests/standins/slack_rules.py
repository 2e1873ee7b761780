"""What Slack refuses in a message, as its Block Kit reference and the reports of others have it."""

from collections.abc import Iterator
from typing import Any

SECTION, FIELD, HEADER, FIELDS, ELEMENTS, BLOCKS, SUM = 3000, 2000, 150, 10, 10, 50, 12_000


def refusal(message: dict[str, Any]) -> str | None:
    """Slack's name for what is wrong with a message, None if nothing is."""
    attachments = message.get("attachments") or []
    blocks = [*(message.get("blocks") or []), *(b for a in attachments for b in a.get("blocks") or [])]
    if not message.get("text") and not blocks:
        return "no_text"
    if len(blocks) > BLOCKS or not all(map(_well_formed, blocks)):
        return "invalid_blocks"
    if sum(len(text["text"]) for block in blocks for text in texts(block)) > SUM:
        return "msg_blocks_too_long"
    return None


def texts(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every text object of a block."""
    if "text" in block:
        yield block["text"]
    yield from block.get("fields", [])
    yield from block.get("elements", [])


def _well_formed(block: dict[str, Any]) -> bool:
    match block.get("type"):
        case "header":
            return _text(block.get("text"), HEADER, {"plain_text"})
        case "section":
            fields = block.get("fields", [])
            has_text = "text" not in block or _text(block["text"], SECTION)
            return bool(
                has_text
                and ("text" in block or fields)
                and len(fields) <= FIELDS
                and all(_text(field, FIELD) for field in fields)
            )
        case "context":
            elements = block.get("elements", [])
            return 0 < len(elements) <= ELEMENTS and all(_text(element, SECTION) for element in elements)
        case kind:
            return kind == "divider"


def _text(
    text: Any, limit: int, kinds: frozenset[str] | set[str] = frozenset({"plain_text", "mrkdwn"})
) -> bool:
    if not isinstance(text, dict) or text.get("type") not in kinds:
        return False
    foreign = "verbatim" if text["type"] == "plain_text" else "emoji"
    words = text.get("text")
    return isinstance(words, str) and 0 < len(words) <= limit and foreign not in text
