"""Makes text harmless, once for each place where it is shown; hosts and processes choose their own names."""

import re
import unicodedata

from markupsafe import Markup, escape

# Control characters, private controls, line and paragraph separators become a space; invisible format
# characters (bidi overrides, zero width, tags) vanish; what is no character at all becomes U+FFFD.
_BECOMES = {"Cc": " ", "Zl": " ", "Zp": " ", "Zs": " ", "Cf": "", "Cs": "\ufffd"}
_SLACK = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'"})
_WHOLE = re.compile(
    r"(?<![\w-])(\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)? UTC|\d\d:\d\d UTC|[\d,.]+ (%|GB|MB|ms|s|min|h|d))(?!\w)"
)
_ENTITY_CUT_OPEN = re.compile(r"&[a-z]{0,4}$")
# A base character with more marks on it than any language needs is somebody's joke.
_MARKS = re.compile(
    r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
ELLIPSIS = "…"


def plain(text: str, limit: int) -> str:
    """`text` as one line of at most `limit` code points that shows everywhere and moves nothing around it."""
    # A name of a megabyte is not looked at in full; what is looked at leaves room for what vanishes.
    shown = "".join(_BECOMES.get(unicodedata.category(c), c) for c in text[: 4 * limit])
    line = " ".join(_MARKS.sub(r"\1", shown).split())
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + ELLIPSIS


def middle(text: str, limit: int) -> str:
    """At most `limit` code points of a name, cut in the middle: both ends tell hosts and mounts apart."""
    if len(text) <= limit:
        return text
    tail = (limit - 1) // 2
    return text[: limit - 1 - tail] + ELLIPSIS + text[len(text) - tail :]


def slack(text: str) -> str:
    """`text` without power in Slack: no mention, no link, no way out of backticks.

    Slack knows these three entities and no others; asterisks and underscores cannot be escaped, so a value
    that must be shown exactly stands in backticks or in plain_text.
    """
    return text.translate(_SLACK)


def html(text: str) -> Markup:
    """`text` for a page, in which no line ends between a number and its unit, or within a time."""
    return Markup(_WHOLE.sub(r'<span class="whole">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped here


def header(text: str) -> str:
    """`text` for a mail header: one line, and no encoded word in it.

    Python before 3.11.10 and 3.12.5 decodes an encoded line feed inside a subject and writes it out as a
    real one (CVE-2024-6923), which starts a header of the sender's choice.
    """
    return plain(text, 998).replace("=?", "= ?")


def cut(text: str, limit: int, where: str) -> str:
    """At most `limit` code points of escaped text, cut on a border and saying `where` the rest is."""
    if len(text) <= limit:
        return text
    marker = f" (cut; full text: {where})"
    return _ENTITY_CUT_OPEN.sub("", text[: max(0, limit - len(marker))]) + marker
