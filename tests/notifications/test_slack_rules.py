"""What Slack refuses: each limit is kept when it is reached, and broken by one more."""

from collections.abc import Callable
from typing import Any

import pytest

from notifications.examples import EXAMPLES
from notifications.notice import Notice
from notifications.slack_buttons import Answerable, actions
from notifications.slack_rules import broken
from tests.notifications.examples import RENDERER

Message = dict[str, Any]


def plain(length: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": "x" * length}


def marked(length: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": "x" * length}


def of(*blocks: dict[str, Any]) -> Message:
    return {"text": "x", "blocks": list(blocks)}


def buttons(number: int) -> Message:
    return of({"type": "actions", "elements": [button(action_id=f"a{n}") for n in range(number)]})


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain(1), "action_id": "a", "value": "1"} | changes


def pressed(**changes: Any) -> Message:
    return of({"type": "actions", "elements": [button(**changes)]})


def image(alt_text: str, url: str = "https://x.example/x.png") -> Message:
    return of({"type": "image", "alt_text": alt_text, "image_url": url})


def drawn(
    *, title: int = 5, categories: int = 3, series: int = 2, label: int = 3, charts: int = 1
) -> Message:
    """So many charts, each with so many lines over so many moments."""
    names = [f"{n:0{label}}" for n in range(categories)]
    lines = [{"name": f"s{n}", "data": [point(name) for name in names]} for n in range(series)]
    chart = {"type": "line", "series": lines, "axis_config": {"categories": names}}
    return of(*({"type": "data_visualization", "title": "t" * title, "chart": chart} for _ in range(charts)))


def point(name: str) -> dict[str, Any]:
    return {"label": name, "value": 1.5}


LIMITS: dict[str, tuple[int, Callable[[int], Message]]] = {
    "blocks": (50, lambda n: of(*[{"type": "divider"}] * n)),
    "blocks in attachments": (50, lambda n: {"attachments": [{"blocks": [{"type": "divider"}] * n}]}),
    "attachments": (100, lambda n: {"text": "x", "attachments": [{}] * n}),
    "text": (40_000, lambda n: {"text": "x" * n}),
    "header": (150, lambda n: of({"type": "header", "text": plain(n)})),
    "section": (3000, lambda n: of({"type": "section", "text": marked(n)})),
    "field": (2000, lambda n: of({"type": "section", "fields": [marked(n)]})),
    "fields": (10, lambda n: of({"type": "section", "fields": [marked(1)] * n})),
    "context": (10, lambda n: of({"type": "context", "elements": [marked(1)] * n})),
    "actions": (25, buttons),
    "button text": (75, lambda n: pressed(text=plain(n))),
    "button value": (2000, lambda n: pressed(value="v" * n)),
    "button url": (3000, lambda n: pressed(url="u" * n)),
    "action_id": (255, lambda n: pressed(action_id="a" * n)),
    "block_id": (255, lambda n: of({"type": "divider", "block_id": "b" * n})),
    "alt_text": (2000, lambda n: image("a" * n)),
    "image_url": (3000, lambda n: image("a", "u" * n)),
    "charts": (2, lambda n: drawn(charts=n)),
    "chart title": (50, lambda n: drawn(title=n)),
    "categories": (20, lambda n: drawn(categories=n)),
    "category": (20, lambda n: drawn(label=n)),
    "series": (6, lambda n: drawn(series=n)),
    "all blocks": (12_000, lambda n: of(*({"type": "section", "text": marked(n // 6)} for _ in range(6)))),
}


@pytest.mark.parametrize(("limit", "made"), LIMITS.values(), ids=LIMITS)
def test_a_limit_may_be_reached_and_not_passed(limit: int, made: Callable[[int], Message]) -> None:
    assert list(broken(made(limit))) == []
    assert [*broken(made(limit + 6 if limit == 12_000 else limit + 1))]


WRONG: dict[str, Message] = {
    "nothing": {},
    "unknown block": of({"type": "carousel"}),
    "empty section": of({"type": "section"}),
    "empty text": of({"type": "section", "text": marked(0)}),
    "no elements": of({"type": "context", "elements": []}),
    "no buttons": of({"type": "actions", "elements": []}),
    "header in mrkdwn": of({"type": "header", "text": marked(1)}),
    "button in mrkdwn": pressed(text=marked(1)),
    "style": pressed(style="red"),
    "no button": pressed(type="slider"),
    "verbatim plain_text": of({"type": "section", "text": plain(1) | {"verbatim": True}}),
    "emoji in mrkdwn": of({"type": "section", "text": marked(1) | {"emoji": True}}),
    "no alt_text": image(""),
    "an action twice": of({"type": "actions", "elements": [button(), button()]}),
    "a block_id twice": of({"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}),
}


@pytest.mark.parametrize("message", WRONG.values(), ids=WRONG)
def test_what_slack_refuses_is_found(message: Message) -> None:
    assert len(list(broken(message))) == 1


def test_a_chart_has_a_point_for_each_moment_and_no_gap() -> None:
    holey, short = drawn(), drawn()
    holey["blocks"][0]["chart"]["series"][0]["data"][1]["value"] = None
    short["blocks"][0]["chart"]["series"][0]["data"] = []
    assert [one.words for one in broken(holey)] == ["block 1: a point has a number"]
    assert [one.words for one in broken(short)] == ["block 1: a series has a point for each category"]


@pytest.mark.parametrize("name", [name for name, one in EXAMPLES.items() if isinstance(one, Notice)])
def test_every_message_keeps_to_the_rules_with_all_that_a_channel_adds(name: str) -> None:
    example = EXAMPLES[name]
    assert isinstance(example, Notice)
    rendered = RENDERER.render(example)
    chart = [rendered.slack_chart] if rendered.slack_chart else []
    added = [*rendered.slack["blocks"], actions(Answerable(123, taken=False)), *chart]
    assert list(broken(rendered.slack | {"blocks": added})) == []
