"""The page of Slack's messages: nothing is left out, nothing takes effect that would not in Slack."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from domain.alerts import EventKind
from notifications.slack_page import KINDS, UnknownBlockError, message, page
from notifications.slack_page.blocks import ELEMENTS
from notifications.slack_page.mrkdwn import mrkdwn, plain
from tests.notifications.examples import RENDERER, notice
from tests.notifications.hostile import NAMES

OURS = {
    *("article", "a", "b", "br", "code", "div", "figcaption", "figure", "h2", "hr", "i", "polyline", "pre"),
    *("s", "span", "svg", "table", "td", "text", "title", "tr"),
}


class Tags(HTMLParser):
    """Every tag, attribute and word of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.words += data


def words(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": text}


BLOCKS: dict[str, dict[str, Any]] = {
    "actions": {"elements": [{"type": "button", "text": {"type": "plain_text", "text": "WORDS"}}]},
    "context": {"elements": [words("WORDS")]},
    "data_visualization": {
        "title": "WORDS",
        "chart": {
            "type": "line",
            "series": [{"name": "WORDS", "data": [{"label": "a", "value": 1}, {"label": "b", "value": 3}]}],
            "axis_config": {"categories": ["WORDS", "b"], "x_label": "WORDS", "y_label": "WORDS"},
        },
    },
    "divider": {},
    "header": {"text": {"type": "plain_text", "text": "WORDS"}},
    "image": {"alt_text": "WORDS", "image_url": "https://example.com/x.png"},
    "section": {
        "text": words("WORDS"),
        "fields": [words("WORDS")],
        "accessory": {"type": "button", "text": words("WORDS")},
    },
    "table": {"rows": [[{"type": "raw_text", "text": "WORDS"}, words("WORDS")]]},
}


def filled(value: Any, text: str) -> Any:
    if isinstance(value, dict):
        return {key: filled(one, text) for key, one in value.items()}
    if isinstance(value, list):
        return [filled(one, text) for one in value]
    return text if value == "WORDS" else value


def test_every_kind_of_block_has_an_example_here() -> None:
    assert set(BLOCKS) == set(KINDS)


@pytest.mark.parametrize("kind", BLOCKS)
def test_nothing_that_a_block_says_is_left_out_and_nothing_gets_in_unescaped(kind: str) -> None:
    said = str(BLOCKS[kind]).count("'WORDS'")
    evil = "<script>x</script>\"'><img src=x onerror=y>"
    block = {"type": kind} | filled(BLOCKS[kind], evil)
    drawn = Tags(message({"blocks": [block]}))
    assert drawn.words.count("onerror=y") >= said
    assert drawn.tags <= OURS
    assert not {name for name in drawn.attributes if name.startswith("on")}


@pytest.mark.parametrize("kind", EventKind)
def test_every_block_of_our_templates_has_a_picture(kind: EventKind) -> None:
    sent = RENDERER.render(notice(kind)).slack
    drawn = Tags(message(sent))
    for text in re.findall(r"'text': '([^'*`<>&]{4,40})", str(sent)):
        assert text.replace("\\n", " ").split()[0] in drawn.words


@pytest.mark.parametrize("hostile", NAMES.values(), ids=NAMES)
def test_a_hostile_name_stays_a_name(hostile: str) -> None:
    shown = message(RENDERER.render(notice(host=hostile, component=hostile)).slack)
    drawn = Tags(shown)
    assert drawn.tags <= OURS
    assert set(drawn.links) <= {"https://wiki.example.com/runbooks/cpu-high"}
    assert 'class="mention"' not in shown


def test_a_block_without_a_picture_is_an_error() -> None:
    with pytest.raises(UnknownBlockError, match="no picture of 'rich_text'"):
        message({"blocks": [{"type": "rich_text"}]})
    with pytest.raises(UnknownBlockError, match="no picture of 'datepicker'"):
        message({"blocks": [{"type": "actions", "elements": [{"type": "datepicker"}]}]})
    assert set(ELEMENTS) == {"button", "image", "mrkdwn", "plain_text"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*bold* and *not", "<b>bold</b> and *not"),
        ("a*b*c 2 * 3 * 4", "a*b*c 2 * 3 * 4"),
        ("_slanted_ snake_case_name", "<i>slanted</i> snake_case_name"),
        ("~gone~", "<s>gone</s>"),
        ("`*code*`", "<code>*code*</code>"),
        ("```\na\nb\n```", "<pre>a\nb</pre>"),
        ("&lt;b&gt; &amp;amp; &copy;", "&lt;b&gt; &amp;amp; &amp;copy;"),
        ("<https://e.example/?a=1&amp;b|the book>", '<a href="https://e.example/?a=1&amp;b">the book</a>'),
        ("<https://e.example>", '<a href="https://e.example">https://e.example</a>'),
        ("<javascript:alert(1)|x>", "x"),
        ("<!channel>", '<span class="mention">!channel</span>'),
        ("<@U1|ada>", '<span class="mention">ada</span>'),
        ("&gt; quoted\nnot", '<span class="quote">quoted</span><br>not'),
        ("*`web-1`*", "<b><code>web-1</code></b>"),
    ],
)
def test_markup_is_read_as_slack_reads_it(text: str, html: str) -> None:
    assert str(mrkdwn(text)) == html


def test_plain_text_has_no_markup() -> None:
    assert str(plain("*a* `b` <@U1> &amp;\n_c_")) == "*a* `b` &lt;@U1&gt; &amp;<br>_c_"


def test_a_message_without_blocks_shows_its_text() -> None:
    assert "<pre>CRITICAL</pre>" in message({"text": "```\nCRITICAL\n```"})


def test_the_page_fetches_nothing_and_knows_dark() -> None:
    shown = page("<title>", [message(RENDERER.render(notice()).slack, "04:13")])
    assert Tags(shown).links == ["https://wiki.example.com/runbooks/cpu-high"]
    assert "prefers-color-scheme: dark" in shown
    assert "<title>&lt;title&gt;</title>" in shown
    assert "url(" not in shown


def test_a_colour_that_is_none_is_not_written_into_the_page() -> None:
    drawn = message({"text": "x", "attachments": [{"color": 'red"><script>', "blocks": []}]})
    assert "script" not in drawn
