"""Text is made harmless and keeps what people need of it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.escaping import cut, header, middle, plain, slack
from tests.notifications.hostile import NAMES

ANYTHING = st.text(st.characters(), max_size=300)
WHERE = "tocsin alerts show 123"


@given(ANYTHING)
def test_plain_text_is_one_line_of_visible_characters(text: str) -> None:
    shown = plain(text, 200)
    assert len(shown) <= 200
    assert not [c for c in shown if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert shown == " ".join(shown.split())


@given(ANYTHING)
def test_plain_text_stays_as_it_is_when_made_plain_again(text: str) -> None:
    assert plain(plain(text, 200), 200) == plain(text, 200)


def test_plain_text_keeps_letters_of_every_script() -> None:
    for name in ("web-1", "größe", "サーバー", "сервер", "💥", "क्षेत्र"):
        assert plain(name, 50) == name


def test_plain_text_shows_what_is_no_character_as_such() -> None:
    assert plain("web-\ud83d", 50) == "web-\ufffd"


def test_plain_text_looks_at_no_more_of_a_megabyte_than_it_shows() -> None:
    assert plain("x" * 1_000_000, 10) == "x" * 9 + "…"
    assert plain("\u200b" * 1_000_000 + "web", 10) == "…"


def test_marks_do_not_pile_up_over_other_lines() -> None:
    assert len(plain("z" + "\u0301" * 500, 600)) == 4


def test_a_long_name_is_cut_in_the_middle() -> None:
    assert middle("db-primary-3.eu-west-1.example.com", 16) == "db-prima…ple.com"
    assert middle("web-1", 16) == "web-1"


@given(ANYTHING, st.integers(3, 60))
def test_a_name_cut_in_the_middle_is_never_too_long(text: str, limit: int) -> None:
    assert len(middle(text, limit)) <= limit


@given(ANYTHING)
def test_slack_text_has_no_bracket_and_no_backtick(text: str) -> None:
    assert not set(slack(text)) & set("<>`")


def test_slack_text_shows_an_entity_as_it_was_written() -> None:
    assert slack("&lt;!channel&gt;") == "&amp;lt;!channel&amp;gt;"


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_a_header_has_no_encoded_word_and_no_line_break(text: str) -> None:
    made = header(text)
    assert "=?" not in made
    assert len(made.splitlines()) <= 1


@given(ANYTHING, st.integers(60, 90))
def test_a_cut_never_leaves_half_an_entity(text: str, limit: int) -> None:
    shown = cut(slack(text), limit, WHERE)
    assert len(shown) <= limit
    body = shown.removesuffix(f" (cut; full text: {WHERE})")
    assert slack(text).startswith(body)
    for part in body.split("&")[1:]:
        assert part.startswith(("amp;", "lt;", "gt;"))


def test_what_fits_is_not_cut() -> None:
    assert cut("x" * 50, 50, WHERE) == "x" * 50
    assert cut("x" * 51, 50, WHERE).endswith(" (cut; full text: tocsin alerts show 123)")
