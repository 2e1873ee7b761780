"""A real Prometheus asks a real Tocsin, and every rule finds what it asks for."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import home
from tests.cli.running_up import command, up
from tests.exporter.programs import Prometheus, program, prometheus
from tests.exporter.test_rules import ALERTS, metrics_of
from tests.waiting import until

__all__ = ["home"]

EXPRESSIONS = [rule["expr"] for rule in ALERTS.values()]
# Every metric, and each part of Tocsin by the name under which its signs of life are asked for.
METRICS = sorted(
    {metric for expression in EXPRESSIONS for metric in metrics_of(expression)}
    | {
        part
        for expression in EXPRESSIONS
        for part in re.findall(r'tocsin_\w+{component="[^"]+"}', expression)
    }
)
URL = re.compile(r"^Metrics: http://(\S+)/metrics", re.MULTILINE)


@pytest.mark.timeout(180)
def test_every_rule_finds_its_metrics_and_none_fails(system: str, tmp_path: Path) -> None:
    with prometheus(tmp_path, system) as there:
        until(lambda: not missing(there), within=40, what=f"{METRICS} to be there")
        rules = until(lambda: evaluated(there), within=30, what="the rules to be evaluated")
    assert {name: rule["lastError"] for name, rule in rules.items() if rule["health"] != "ok"} == {}
    assert rules.keys() == ALERTS.keys()


@pytest.fixture
def system(home: Path) -> Iterator[str]:
    """Where a Tocsin serves its metrics that has rolled up, cleaned up and rung the bell."""
    program("prometheus")
    with up(home) as running:
        running.wait_for("All is well", within=60)
        found = URL.search(running.said)
        assert found, running.said
        for chore in (["aggregate", "hourly", *three_hours()], ["cleanup", "--yes"], ["drill"]):
            done = command(home, *chore)
            assert done.returncode == 0, done.stderr
        yield found[1]
        running.stop()


def three_hours() -> list[str]:
    """Options that name hours that are over."""
    now = datetime.now(UTC)
    return [
        "--from",
        f"{now - timedelta(hours=4):%Y-%m-%dT%H:00Z}",
        "--to",
        f"{now - timedelta(hours=2):%Y-%m-%dT%H:00Z}",
    ]


def missing(there: Prometheus) -> list[str]:
    return [metric for metric in METRICS if not there.query(f"count({metric})")]


def evaluated(there: Prometheus) -> dict[str, dict[str, str]] | None:
    rules = {rule["name"]: rule for rule in there.rules()}
    return None if any(rule["health"] == "unknown" for rule in rules.values()) else rules
