"""The health of a machine from its figures: the client's score, and what the thresholds say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.alerts import figure
from domain.health import HealthStatus, Score, score, status
from domain.severity import Severity
from worker.observations import Observation

WEIGHED = ("cpu_percent", "memory_percent", "disk_percent")


@dataclass(frozen=True, slots=True)
class Health:
    """A machine's status with the sentences behind it; the score is None where a figure for it is missing."""

    status: HealthStatus
    score: Score | None
    warnings: list[str]
    criticals: list[str]


UNKNOWN = Health(HealthStatus.UNKNOWN, None, [], [])


def judge(figures: Mapping[str, float | None], seen: Iterable[Observation]) -> Health:
    """Judge fresh figures: what is over a threshold at this moment counts, however short it has lasted."""
    over = [(one.rule.breached(one.value), one) for one in seen]
    warnings = [_sentence(one, Severity.WARNING) for severity, one in over if severity is Severity.WARNING]
    criticals = [_sentence(one, Severity.CRITICAL) for severity, one in over if severity is Severity.CRITICAL]
    return Health(
        status(warnings=warnings, criticals=criticals, fresh=True),
        weigh(figures, warnings=len(warnings), criticals=len(criticals)),
        warnings,
        criticals,
    )


def weigh(figures: Mapping[str, float | None], *, warnings: int, criticals: int) -> Score | None:
    """The score, or None where one of its three figures could not be read: nothing is invented."""
    cpu, memory, disk = (figures.get(name) for name in WEIGHED)
    if cpu is None or memory is None or disk is None:
        return None
    return score(
        cpu_percent=cpu, memory_percent=memory, disk_percent=disk, warnings=warnings, criticals=criticals
    )


def _sentence(one: Observation, severity: Severity) -> str:
    rule = one.rule
    limit = rule.with_unit(f"{rule.threshold(severity):g}")
    return f"{one.component}: {rule.title} is {rule.with_unit(figure(one.value))}, at or above {limit}"
