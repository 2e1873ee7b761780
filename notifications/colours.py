"""The colour of a message: how bad it is, that somebody has it, that it is over."""

from domain.severity import Severity

_OVER = "#1b6e3c"
_TAKEN = "#1a5fb4"
_SEVERITIES = {Severity.WARNING: "#8f5b00", Severity.CRITICAL: "#b3261e"}


def colour(severity: Severity, *, over: bool = False, taken: bool = False) -> str:
    """The colour, as `#rrggbb`, of an alert that is over, that somebody has taken, or that waits."""
    if over:
        return _OVER
    return _TAKEN if taken else _SEVERITIES[severity]
