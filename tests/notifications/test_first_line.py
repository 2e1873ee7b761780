"""The first line says how things stand in few words, and takes nothing away from what is below."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.first_line import SHOWN, Stand, first_line, restated
from notifications.slack_blocks import payload
from notifications.slack_limits import TOTAL, size
from tests.notifications.examples import BREACH, OPENED, message
from tests.notifications.hostile import NAMES
from tests.notifications.test_slack_limits import LINES, blocks
from tests.standins.slack_rules import refusal
from tests.standins.slack_view import effects

STAND = Stand(
    kind=EventKind.RESOLVED,
    severity=Severity.CRITICAL,
    at=BREACH + timedelta(minutes=15),
    actor="tocsin",
    opened_at=OPENED,
    sent_at=OPENED,
)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "RESOLVED after 14 min, at 03:27 UTC"),
        ({"kind": EventKind.ACKNOWLEDGED, "actor": "ada"}, "ACKNOWLEDGED by ada at 03:27 UTC"),
        ({"kind": EventKind.UNACKNOWLEDGED}, "UNACKNOWLEDGED at 03:27 UTC, nobody has it now"),
        ({"kind": EventKind.ESCALATED, "step": 2}, "ESCALATED to step 2 at 03:27 UTC"),
        ({"kind": EventKind.WORSENED}, "WORSENED to CRITICAL at 03:27 UTC"),
        (
            {"kind": EventKind.EASED, "severity": Severity.WARNING, "taken_by": "ada"},
            "EASED to WARNING at 03:27 UTC, taken by ada",
        ),
        ({"kind": EventKind.OPENED}, "FIRING AGAIN as CRITICAL since 03:27 UTC"),
        ({"at": OPENED + timedelta(days=2)}, "RESOLVED after 2 d, at 2026-11-23 03:13 UTC"),
    ],
)
def test_it_says_what_happened_and_when(changes: dict[str, Any], line: str) -> None:
    assert first_line(replace(STAND, **changes)) == line


@pytest.mark.parametrize("kind", sorted(SHOWN))
@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_hostile_name_stays_a_name(kind: EventKind, name: str) -> None:
    sent = message().rendered
    stand = replace(STAND, kind=kind, actor=name, taken_by=name, step=1)
    assert "\n" not in first_line(stand)
    again = restated(sent, stand).slack
    assert refusal(again) is None
    assert effects(again) == effects(sent.slack)


@given(LINES, LINES)
def test_slack_takes_it_whatever_was_rendered_and_nothing_has_to_go(
    above: list[str], below: list[str]
) -> None:
    before = payload("summary", "\n\n".join(above) + "\n---\n" + "\n\n".join(below), "#b3261e", "here")
    sent = replace(message().rendered, slack=before)
    long = replace(STAND, kind=EventKind.ESCALATED, step=32_000, taken_by="&" * 500)
    after = restated(sent, long).slack
    if before["blocks"]:
        assert refusal(after) is None
        assert sum(map(size, blocks(after))) <= TOTAL
        assert blocks(after)[1:] == blocks(before)
    else:
        assert after == {}
