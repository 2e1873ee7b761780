"""A Slack message is cut by us, visibly, and never refused for its size."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from notifications.slack_blocks import payload
from notifications.slack_limits import TOTAL, size
from tests.standins.slack_rules import refusal

WHERE = "tocsin alerts show 123"
LINES = st.lists(
    st.builds(
        lambda mark, text: f"{mark} {text}",
        st.sampled_from(["#", "=", "^", "| label |", "words"]),
        st.sampled_from(["x", "&amp;" * 900, "y" * 5000, ""]),
    ),
    max_size=80,
)


def made(paragraphs: str) -> dict[str, Any]:
    return payload("summary", paragraphs, "#b3261e", WHERE)


def blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [*message["blocks"], *(block for a in message["attachments"] for block in a["blocks"])]


@given(LINES, LINES)
def test_whatever_is_rendered_slack_takes_it(above: list[str], below: list[str]) -> None:
    message = made("\n\n".join(above) + "\n---\n" + "\n\n".join(below))
    assert refusal(message) is None
    assert sum(map(size, blocks(message))) <= TOTAL


def test_each_paragraph_becomes_the_block_that_its_first_character_names() -> None:
    message = made("# head\n\n= plain\n\nmarked\n\n---\n\n| a | 1\n| b | 2\n\n^ small")
    assert [block["type"] for block in message["blocks"]] == ["header", "section", "section"]
    assert [block["type"] for block in blocks(message)[3:]] == ["section", "context"]
    assert [field["text"] for field in blocks(message)[3]["fields"]] == ["*a*\n1", "*b*\n2"]


def test_a_header_is_cut_at_150_characters() -> None:
    head = made("# " + "h" * 500)["blocks"][0]["text"]["text"]
    assert len(head) == 150
    assert head.endswith(f"(cut; full text: {WHERE})")


def test_more_fields_than_fit_go_into_a_second_section() -> None:
    message = made("\n".join(f"| {number} | x" for number in range(13)))
    assert [len(block["fields"]) for block in message["blocks"]] == [10, 3]


def test_what_is_left_out_is_said_to_be() -> None:
    last = made("\n\n".join("= " + "x" * 2900 for _ in range(9)))["blocks"][-1]
    assert last["elements"][0]["text"] == f"(cut; full text: {WHERE})"


def test_an_empty_value_is_shown_as_one() -> None:
    assert made("| Host |")["blocks"][0]["fields"][0]["text"] == "*Host*\n-"
