"""The examples are worded as the pages that people get."""

from datetime import timedelta

import pytest

from domain.alerts import Change, Watch, observe
from notifications.examples import BREACH, EXAMPLES, OPENED
from notifications.notice import Notice
from policy.rules import builtin
from settings.environment import load

TICK = timedelta(seconds=5)


def opening(rule_name: str, value: float) -> Change:
    """What a built-in rule says when this value has lasted since the breach of the examples."""
    entry = next(one for one in builtin(load({})) if one.name == rule_name)
    rule, watch, at = entry.rule(), Watch(), BREACH
    assert rule is not None
    while at <= OPENED:
        watch, change = observe(rule, watch, value, at)
        if change is not None:
            return change
        at += TICK
    pytest.fail(f"{rule_name} did not open")


def example(name: str) -> Notice:
    notice = EXAMPLES[name]
    assert isinstance(notice, Notice)
    return notice


@pytest.mark.parametrize("name", ["opened", "no-data"])
def test_an_example_says_what_its_rule_says(name: str) -> None:
    notice = example(name)
    change = opening(notice.rule, notice.value)
    assert (notice.message, notice.reason) == (change.reason, change.reason)
    assert notice.threshold == change.threshold
