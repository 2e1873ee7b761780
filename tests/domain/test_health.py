"""The client's score, levels and statuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.health import HealthStatus, score, status

PERCENT = st.floats(0, 100)
FEW = st.integers(0, 20)


@pytest.mark.parametrize(
    ("cpu", "memory", "disk", "warnings", "criticals", "value"),
    [
        (0, 0, 0, 0, 0, 100),
        (100, 100, 100, 0, 0, 20),
        (50, 50, 50, 0, 0, 60),
        (10, 20, 30, 1, 0, 80),
        (10, 20, 30, 1, 1, 65),
        (100, 100, 100, 1, 1, 0),
        (69.9, 74.9, 79.9, 0, 0, 40.58),
    ],
)
def test_the_score_is_the_clients_formula(
    cpu: float, memory: float, disk: float, warnings: int, criticals: int, value: float
) -> None:
    scored = score(
        cpu_percent=cpu, memory_percent=memory, disk_percent=disk, warnings=warnings, criticals=criticals
    )
    assert scored.value == pytest.approx(value)


@given(PERCENT, PERCENT, PERCENT, FEW, FEW)
def test_the_score_is_100_less_its_parts_and_never_below_0(
    cpu: float, memory: float, disk: float, warnings: int, criticals: int
) -> None:
    scored = score(
        cpu_percent=cpu, memory_percent=memory, disk_percent=disk, warnings=warnings, criticals=criticals
    )
    parts = scored.cpu + scored.memory + scored.disk + scored.warnings + scored.criticals
    assert 0 <= scored.value <= 100
    assert scored.value == pytest.approx(max(0, 100 - parts))


@pytest.mark.parametrize(
    ("cpu", "level", "colour"),
    [
        (0, "healthy", "green"),
        (100 / 3, "healthy", "green"),
        (34, "degraded", "yellow"),
        (100, "degraded", "yellow"),
    ],
)
def test_levels_begin_at_90_and_70(cpu: float, level: str, colour: str) -> None:
    scored = score(cpu_percent=cpu, memory_percent=0, disk_percent=0, warnings=0, criticals=0)
    assert (scored.level.name, scored.level.colour) == (level, colour)


@pytest.mark.parametrize(
    ("criticals", "level", "colour"),
    [(2, "degraded", "yellow"), (3, "warning", "orange"), (4, "critical", "red")],
)
def test_levels_begin_at_50_and_0(criticals: int, level: str, colour: str) -> None:
    scored = score(cpu_percent=0, memory_percent=0, disk_percent=0, warnings=0, criticals=criticals)
    assert (scored.level.name, scored.level.colour) == (level, colour)


def test_the_status_follows_the_worst_threshold() -> None:
    assert status(warnings=[], criticals=[], fresh=True) is HealthStatus.HEALTHY
    assert status(warnings=["w"], criticals=[], fresh=True) is HealthStatus.DEGRADED
    assert status(warnings=["w"], criticals=["c"], fresh=True) is HealthStatus.UNHEALTHY


def test_nobody_knows_a_machine_without_fresh_data() -> None:
    assert status(warnings=["w"], criticals=["c"], fresh=False) is HealthStatus.UNKNOWN
