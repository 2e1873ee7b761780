"""What docs/ shows of messages is what the templates make of the examples, and was measured."""

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from notifications.examples import EXAMPLES

SCRIPT = Path(__file__).parents[2] / "docs/messages/make.py"
AGAIN = "run: python docs/messages/make.py"
LARGEST = 4 * 1024 * 1024


@pytest.fixture(scope="module")
def make() -> Iterator[Any]:
    """The script that makes them, which is in no package."""
    spec = spec_from_file_location("make_messages", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def shown(make: Any) -> list[Any]:
    found: list[Any] = make.examples()
    return found


def test_the_page_of_slack_is_made_of_todays_templates(make: Any, shown: list[Any]) -> None:
    assert make.PAGE.read_text() == make.slack_page(shown), AGAIN


def test_the_gallery_shows_every_example(make: Any, shown: list[Any]) -> None:
    assert make.GALLERY.read_text() == make.gallery(shown), AGAIN


def test_the_table_is_what_was_measured(make: Any, shown: list[Any]) -> None:
    page = make.MESSAGES.read_text()
    assert page == make.with_table(page, shown), AGAIN


def test_the_first_120_characters_say_how_bad_where_what_and_how_much(make: Any, shown: list[Any]) -> None:
    lacking = [
        (one.name, line, fact)
        for one in shown
        for line in one.lines
        for fact in make.FACTS
        if one.name != "digest" and make.place(one.context, fact, line) is None
    ]
    assert lacking == []
    [digest] = [one for one in shown if one.name == "digest"]
    assert all(line.startswith("CRITICAL 14 alerts on 14 hosts") for line in digest.lines)


def test_there_is_a_picture_of_each_view_and_no_other(make: Any, shown: list[Any]) -> None:
    expected = {f"{one.name}-{view}.png" for one in shown for view, *_ in make.views(one)}
    assert {path.name for path in make.PICTURES.iterdir()} == expected, AGAIN
    assert len(expected) == len(EXAMPLES) * 6


def test_the_pictures_are_light_enough_for_a_repository(make: Any) -> None:
    assert sum(path.stat().st_size for path in make.PICTURES.iterdir()) < LARGEST
