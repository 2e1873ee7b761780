"""The page on logs lists every event that the code has, with its levels and fields."""

import re

import pytest

from tests.docs.events import ROOT, Event, events

PAGE = (ROOT / "docs/logs.md").read_text("utf-8")
ROW = re.compile(r"^\| `([^`]+)` \| ([\w, ]+) \| (.*?) \| (.+) \|$", re.MULTILINE)
EVENTS = events()


def test_it_lists_every_event_with_its_levels_and_fields() -> None:
    listed = {
        name: Event(set(levels.split(", ")), set(re.findall(r"`(\w+)`", fields)))
        for name, levels, fields, _ in ROW.findall(PAGE)
    }
    assert listed == EVENTS


@pytest.mark.parametrize("name", EVENTS)
def test_a_name_is_an_area_and_what_is_the_case(name: str) -> None:
    assert re.fullmatch(r"[a-z_]+\.[a-z_]+", name)
