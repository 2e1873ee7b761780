"""Slack's mrkdwn as HTML: everything is escaped first, and only what we know becomes a tag."""

import re
from html import unescape

from markupsafe import Markup, escape

# Slack knows these entities and no others; a text that says &copy; shows just that.
_ENTITY = re.compile(r"&(?:amp|lt|gt);")

# In this order: what stands in code is left as it is, and a link's label is no markup for others.
_TOKENS = re.compile(
    r"```\n?(?P<pre>.+?)\n?```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<target>[^<>|\n]+)(?:\|(?P<label>[^<>\n]*))?>"
    r"|(?<![\w*])\*(?P<bold>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])"
    r"|(?<![\w_])_(?P<italic>[^_\s](?:[^_\n]*[^_\s])?)_(?![\w_])"
    r"|(?<![\w~])~(?P<struck>[^~\s](?:[^~\n]*[^~\s])?)~(?![\w~])",
    re.DOTALL,
)
_TAGS = {"bold": "b", "italic": "i", "struck": "s"}


def plain(text: str) -> Markup:
    """A `plain_text`: no markup at all, line breaks kept."""
    return Markup("<br>").join(escape(line) for line in _read(text).split("\n"))


def mrkdwn(text: str) -> Markup:
    """A `mrkdwn` text: code, bold, italic, struck, links, mentions and quotes."""
    parts, end = [], 0
    for token in _TOKENS.finditer(text):
        parts += [_quoted(text[end : token.start()]), _tagged(token)]
        end = token.end()
    return Markup("").join([*parts, _quoted(text[end:])])


def _tagged(token: re.Match[str]) -> Markup:
    if token["pre"] is not None:
        return Markup("<pre>{}</pre>").format(_read(token["pre"]))
    if token["code"] is not None:
        return Markup("<code>{}</code>").format(_read(token["code"]))
    if token["target"] is not None:
        return _link(token["target"], token["label"])
    [(name, inner)] = [(name, token[name]) for name in _TAGS if token[name] is not None]
    return Markup(f"<{_TAGS[name]}>{{}}</{_TAGS[name]}>").format(mrkdwn(inner))  # noqa: S704 - a tag of ours


def _link(target: str, label: str | None) -> Markup:
    """A link, http or https only; what begins with @, # or ! is a mention, which reaches people."""
    shown = _read(label or target)
    if target[:1] in "@#!":
        return Markup('<span class="mention">{}</span>').format(shown)
    if not target.startswith(("http://", "https://", "mailto:")):
        return escape(shown)
    return Markup('<a href="{}">{}</a>').format(_read(target), shown)


def _quoted(text: str) -> Markup:
    """Lines, those that begin with > as quotes."""
    lines = []
    for line in text.split("\n"):
        is_quote = line.startswith(("&gt; ", "> "))
        words = escape(_read(line.partition(" ")[2] if is_quote else line))
        lines.append(Markup('<span class="quote">{}</span>').format(words) if is_quote else words)
    return Markup("<br>").join(lines)


def _read(text: str) -> str:
    return _ENTITY.sub(lambda found: unescape(found[0]), text)
