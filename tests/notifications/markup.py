"""What in a page of HTML is more than tables and text."""

from html.parser import HTMLParser

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td", "th", "div", "h2"),
    *("code", "a", "span"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "style", "class", "role", "width", "cellpadding", "cellspacing"),
    *("align", "valign", "bgcolor", "scope", "colspan", "href"),
}
LINK = "https://wiki.example.com/"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.found.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES or (name == "href" and not (value or "").startswith(LINK)):
                self.found.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append(f"comment {data}")


def active(page: str) -> list[str]:
    """Every tag, attribute, comment and link that our own templates do not write."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found
