"""What a message says, fact by fact, to see whether two of its forms say the same."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from typing import Any

from notifications.context import Frame

# What is no fact: how it looks, what it is called, and the block characters that stand for the chart.
NO_FACTS = frozenset({"colour", "kind", "preheader", "broken_template", "processes_by", "trend.spark"})
SHORTEST = 3


def facts(context: Frame) -> Mapping[str, str]:
    """Every text that templates may name, by the name that they would write, as `processes.0.name`."""
    found: dict[str, str] = {}
    for field in fields(context):
        found |= _texts(field.name, getattr(context, field.name))
    return {name: text for name, text in found.items() if len(text) >= SHORTEST and name not in NO_FACTS}


def missing(context: Frame, text: str, html: str) -> Iterator[tuple[str, str, str]]:
    """Facts that one form has and the other lacks: the name, the fact, and `html` or `text` that lacks it."""
    page, plain = readable(html), _squeezed(text)
    for name, fact in facts(context).items():
        words = _squeezed(fact)
        in_text, in_page = words in plain, words in page
        if in_text != in_page:
            yield name, fact, "html" if in_text else "text"


def readable(html: str) -> str:
    """What a page of HTML says: its words, the descriptions of its images, and where its links lead."""
    reader = _Reader()
    reader.feed(html)
    return _squeezed(" ".join(reader.words))


class _Reader(HTMLParser):
    """Collects words; what stands in the head is not shown, and a span does not end a word."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = [""]
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag == "head"
        if tag not in {"span", "b", "i", "code", "a", "strong"}:
            self.words.append("")
        # What is not shown as text, and says something all the same.
        beside = [value for name, value in attrs if name in {"alt", "href"} and value]
        if beside:
            self.words += [*beside, ""]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag == "head"

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words[-1] += data


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield name, value
        case tuple():
            for number, item in enumerate(value):
                yield from _texts(f"{name}.{number}", item)
        case _ if is_dataclass(value) and not isinstance(value, type):
            for field in fields(value):
                yield from _texts(f"{name}.{field.name}", getattr(value, field.name))


def _squeezed(text: str) -> str:
    return " ".join(text.split())
