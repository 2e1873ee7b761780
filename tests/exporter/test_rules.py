"""The rules for Tocsin itself: well formed, explained, tried, and about metrics that there are."""

import re
from typing import Any

import pytest
import yaml

from exporter.catalogue import rows
from tests.exporter.programs import RULES, promtool
from tests.exporter.test_page import PAGE

WRITTEN: dict[str, Any] = yaml.safe_load((RULES / "tocsin.rules.yml").read_text("utf-8"))
ALERTS: dict[str, Any] = {rule["alert"]: rule for group in WRITTEN["groups"] for rule in group["rules"]}
TRIED: list[Any] = yaml.safe_load((RULES / "tocsin.rules.test.yml").read_text("utf-8"))["tests"]
SUFFIXES = re.compile(r"_(bucket|sum|count)$")


def metrics_of(expression: str) -> set[str]:
    return set(re.findall(r"\btocsin_\w+", expression))


def test_promtool_accepts_rules_and_configuration() -> None:
    assert f"{len(ALERTS)} rules found" in promtool("check", "rules", "tocsin.rules.yml")
    promtool("check", "config", "prometheus.example.yml")


def test_every_rule_is_silent_and_fires_in_its_time() -> None:
    assert "SUCCESS" in promtool("test", "rules", "tocsin.rules.test.yml")


def test_every_rule_is_tried() -> None:
    assert [one["name"] for one in TRIED if one["name"] in ALERTS] == list(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_a_rule_says_what_is_the_matter_and_what_to_do(name: str) -> None:
    said = ALERTS[name]["annotations"]
    assert said["summary"]
    assert said["description"]
    assert said["runbook"] == f"docs/monitoring.md#{name.lower()}"
    assert f"\n### {name}\n" in PAGE
    assert ALERTS[name]["labels"]["severity"] in ("warning", "critical")


@pytest.mark.parametrize("name", ALERTS)
def test_a_rule_asks_for_metrics_that_there_are(name: str) -> None:
    known = {row[0] for row in rows()}
    assert {
        metric for metric in metrics_of(ALERTS[name]["expr"]) if SUFFIXES.sub("", metric) not in known
    } == set()
