"""What Slack refuses in a message, by its Block Kit reference, its error names, and the reports of others.

Slack's own models let pass what Slack does not: a field of more than 2,000 characters, 51 blocks, an action
twice, a header in mrkdwn, a block that nobody knows. The sum over all blocks is documented nowhere.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notifications.slack_limits import BLOCKS, CONTEXT, FIELD, FIELDS, HEADER, SECTION

TEXT, ATTACHMENTS, SUM = 40_000, 100, 12_000
ACTIONS, BUTTON_TEXT, BUTTON_VALUE, ID, URL, ALT_TEXT = 25, 75, 2000, 255, 3000, 2000
CHARTS, CHART_TITLE, SERIES, CATEGORIES, LABEL = 2, 50, 6, 20, 20

Block = Mapping[str, Any]
PLAIN, ANY = frozenset({"plain_text"}), frozenset({"plain_text", "mrkdwn"})


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that a message breaks: Slack's name for it, and what it is in words."""

    error: str
    words: str


def broken(message: Mapping[str, Any]) -> Iterator[Broken]:
    """Every rule that a message breaks, the first as Slack would name it."""
    attachments = message.get("attachments") or []
    blocks = [*(message.get("blocks") or []), *(b for a in attachments for b in a.get("blocks") or [])]
    if not message.get("text") and not blocks:
        yield Broken("no_text", "it has neither text nor blocks")
    if len(message.get("text") or "") > TEXT:
        yield Broken("msg_too_long", f"its text is longer than {TEXT:,} characters")
    if len(attachments) > ATTACHMENTS:
        yield Broken("too_many_attachments", f"it has more than {ATTACHMENTS} attachments")
    yield from (Broken("invalid_blocks", words) for words in _layout(blocks))
    if sum(len(str(text.get("text", ""))) for block in blocks for text in texts(block)) > SUM:
        yield Broken("msg_blocks_too_long", f"its blocks have more than {SUM:,} characters together")


def texts(block: Block) -> Iterator[Mapping[str, Any]]:
    """Every text object of a block, those of its buttons among them."""
    if "text" in block:
        yield block["text"]
    yield from block.get("fields", [])
    for element in block.get("elements", []):
        yield element["text"] if isinstance(element.get("text"), Mapping) else element


def _layout(blocks: Sequence[Block]) -> Iterator[str]:
    if len(blocks) > BLOCKS:
        yield f"it has {len(blocks)} blocks, and {BLOCKS} may be"
    for number, block in enumerate(blocks, 1):
        yield from (f"block {number}: {words}" for words in _block(block))
    yield from _twice("block_id", (block["block_id"] for block in blocks if "block_id" in block))
    charts = sum(block.get("type") == "data_visualization" for block in blocks)
    if charts > CHARTS:
        yield f"it has {charts} charts, and {CHARTS} may be"


def _block(block: Block) -> Iterator[str]:
    kind = block.get("type")
    rule = RULES.get(str(kind))
    if rule is None:
        yield f"there is no block {kind!r}"
        return
    yield from rule(block)
    yield from _length("block_id", block.get("block_id", "x"), ID)


def _header(block: Block) -> Iterator[str]:
    yield from _text("the header", block.get("text"), HEADER, PLAIN)


def _section(block: Block) -> Iterator[str]:
    fields = block.get("fields", [])
    if "text" not in block and not fields:
        yield "a section has a text or fields"
    if "text" in block:
        yield from _text("the section", block["text"], SECTION)
    yield from _count("fields", fields, FIELDS, least=0)
    for field in fields:
        yield from _text("a field", field, FIELD)


def _context(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    yield from _count("elements", elements, CONTEXT)
    for element in elements:
        yield from _image(element) if element.get("type") == "image" else _text("it", element, SECTION)


def _actions(block: Block) -> Iterator[str]:
    elements = block.get("elements", [])
    yield from _count("buttons", elements, ACTIONS)
    for element in elements:
        yield from _button(element)
    yield from _twice("action_id", (one["action_id"] for one in elements if "action_id" in one))


def _button(button: Block) -> Iterator[str]:
    if button.get("type") != "button":
        yield f"there is no element {button.get('type')!r} among actions"
    yield from _text("a button", button.get("text"), BUTTON_TEXT, PLAIN)
    yield from _length("action_id", button.get("action_id", "x"), ID)
    yield from _length("value", button.get("value", "x"), BUTTON_VALUE)
    yield from _length("url", button.get("url", "x"), URL)
    if button.get("style", "primary") not in {"primary", "danger"}:
        yield f"a button has no style {button['style']!r}"


def _image(image: Block) -> Iterator[str]:
    yield from _length("alt_text", image.get("alt_text"), ALT_TEXT)
    if "slack_file" not in image:
        yield from _length("image_url", image.get("image_url"), URL)


def _chart(block: Block) -> Iterator[str]:
    yield from _length("title", block.get("title"), CHART_TITLE)
    chart = block.get("chart", {})
    categories = chart.get("axis_config", {}).get("categories", [])
    series = chart.get("series", [])
    yield from _count("categories", categories, CATEGORIES)
    yield from _twice("category", categories)
    yield from _count("series", series, SERIES)
    yield from _twice("series", (one.get("name") for one in series))
    for label in [*categories, *(one.get("name") for one in series)]:
        yield from _length("a label", label, LABEL)
    for one in series:
        if [point.get("label") for point in one.get("data", [])] != categories:
            yield "a series has a point for each category"
        if not all(isinstance(point.get("value"), int | float) for point in one.get("data", [])):
            yield "a point has a number"


def _divider(_block: Block) -> Iterator[str]:
    return iter(())


RULES: Mapping[str, Callable[[Block], Iterator[str]]] = {
    "actions": _actions,
    "context": _context,
    "data_visualization": _chart,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "section": _section,
}


def _text(what: str, text: Any, limit: int, kinds: frozenset[str] = ANY) -> Iterator[str]:
    if not isinstance(text, Mapping) or text.get("type") not in kinds:
        yield f"{what} has no {' or '.join(sorted(kinds))}"
        return
    yield from _length(what, text.get("text"), limit)
    foreign = "verbatim" if text["type"] == "plain_text" else "emoji"
    if foreign in text:
        yield f"{text['type']} has no {foreign!r}"


def _length(what: str, words: Any, limit: int) -> Iterator[str]:
    if not isinstance(words, str) or not 0 < len(words) <= limit:
        yield f"{what} has 1 to {limit:,} characters"


def _count(what: str, things: Sequence[Any], most: int, *, least: int = 1) -> Iterator[str]:
    if not least <= len(things) <= most:
        yield f"{len(things)} {what}, and {least} to {most} may be"


def _twice(what: str, names: Iterable[Any]) -> Iterator[str]:
    yield from (f"{what} {name!r} twice" for name, number in Counter(names).items() if number > 1)
