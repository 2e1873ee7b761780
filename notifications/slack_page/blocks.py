"""Each kind of block as HTML; one that is not known is an error, so that nothing is left out in silence."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from notifications.slack_page.chart import chart
from notifications.slack_page.mrkdwn import mrkdwn, plain

Block = Mapping[str, Any]

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class UnknownBlockError(LookupError):
    """There is no picture of such a block."""


def block(one: Block) -> Markup:
    """One block; raises UnknownBlockError."""
    return _drawn(one, KINDS)


def attachment(one: Mapping[str, Any]) -> Markup:
    """What stands beside a bar of the attachment's colour."""
    colour = one.get("color", "")
    bar = colour if _COLOUR.fullmatch(colour) else "#dddddd"
    inner = Markup("").join(block(inside) for inside in one.get("blocks", []))
    return Markup('<div class="attachment" style="border-color: {}">{}</div>').format(bar, inner)


def _drawn(one: Block, kinds: Mapping[str, Callable[[Block], Markup]]) -> Markup:
    try:
        draw = kinds[one["type"]]
    except KeyError:
        raise UnknownBlockError(f"there is no picture of {one.get('type')!r}") from None
    return draw(one)


def _text(one: Block) -> Markup:
    return (mrkdwn if one["type"] == "mrkdwn" else plain)(one["text"])


def _header(one: Block) -> Markup:
    return Markup('<h2 class="header">{}</h2>').format(plain(one["text"]["text"]))


def _section(one: Block) -> Markup:
    text = Markup('<div class="text">{}</div>').format(_text(one["text"])) if "text" in one else Markup("")
    fields = [Markup('<div class="field">{}</div>').format(_text(field)) for field in one.get("fields", [])]
    if fields:
        text += Markup('<div class="fields">{}</div>').format(Markup("").join(fields))
    beside = _drawn(one["accessory"], ELEMENTS) if "accessory" in one else Markup("")
    return Markup('<div class="section"><div>{}</div>{}</div>').format(text, beside)


def _context(one: Block) -> Markup:
    return Markup('<div class="context">{}</div>').format(_elements(one))


def _actions(one: Block) -> Markup:
    return Markup('<div class="actions">{}</div>').format(_elements(one))


def _elements(one: Block) -> Markup:
    drawn = (_drawn(element, ELEMENTS) for element in one["elements"])
    return Markup(" ").join(Markup("<span>{}</span>").format(element) for element in drawn)


def _image(one: Block) -> Markup:
    """Its words only: a page of ours fetches nothing."""
    return Markup('<div class="image">{}</div>').format(one["alt_text"])


def _button(one: Block) -> Markup:
    style = one["style"] if one.get("style") in {"primary", "danger"} else "default"
    return Markup('<span class="button {}">{}</span>').format(style, _text(one["text"]))


def _table(one: Block) -> Markup:
    rows = [
        Markup("<tr>{}</tr>").format(Markup("").join(map(_cell, row)))  # one row
        for row in one["rows"]
    ]
    return Markup('<table class="table">{}</table>').format(Markup("").join(rows))


def _cell(one: Block) -> Markup:
    return Markup("<td>{}</td>").format(plain(one["text"]) if one["type"] == "raw_text" else _text(one))


def _divider(_one: Block) -> Markup:
    return Markup("<hr>")


ELEMENTS: Mapping[str, Callable[[Block], Markup]] = {
    "button": _button,
    "image": _image,
    "mrkdwn": _text,
    "plain_text": _text,
}

KINDS: Mapping[str, Callable[[Block], Markup]] = {
    "actions": _actions,
    "context": _context,
    "data_visualization": chart,
    "divider": _divider,
    "header": _header,
    "image": _image,
    "section": _section,
    "table": _table,
}
