"""How bad: the two severities of an alert, in order."""

from enum import StrEnum


class Severity(StrEnum):
    """The severity of an alert; `rank` orders them (higher is worse)."""

    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return 1 if self is Severity.WARNING else 2
