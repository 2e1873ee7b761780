"""A page of HTML: its words, and what in it is more than tables and text."""

from html.parser import HTMLParser

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "th", "div", "h2"),
    *("code", "a", "span", "img"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "style", "class", "role", "width", "cellpadding", "cellspacing"),
    *("align", "valign", "bgcolor", "scope", "colspan", "href", "src", "alt"),
}
LINK, CHART = "https://wiki.example.com/", "cid:chart"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            foreign = name == "href" and not (value or "").startswith(LINK)
            foreign |= name == "src" and value != CHART
            if name not in ATTRIBUTES or foreign:
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")


def active(page: str) -> list[str]:
    """Every tag, attribute, comment and link that our own templates do not write."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


class _Text(HTMLParser):
    """The words of a page, without its style."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's signature
        self._silent = tag in {"style", "title"}
        if tag != "span":
            self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def words(page: str) -> str:
    reader = _Text()
    reader.feed(page)
    return " ".join("".join(reader.words).split())
