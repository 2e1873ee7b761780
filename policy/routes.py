"""Who is told: routes from alerts to destinations, and the steps that follow when nobody answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.severity import Severity
from policy.matching import Scope


@dataclass(frozen=True, slots=True)
class Step:
    """Who is told when an alert has not been acknowledged for `after` since it opened."""

    after: timedelta
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Escalation:
    """Steps in the order of time, the first is number 1; the last one is repeated every `repeat`.

    `repeats` is how often it is repeated, None until somebody acknowledges.
    """

    name: str
    steps: tuple[Step, ...]
    repeat: timedelta | None = None
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """What it is about, who is told at once, and the escalation that begins then.

    The first route that holds decides; one with `goes_on` leaves the next ones a say as well.
    """

    scope: Scope
    destinations: tuple[str, ...]
    escalation: Escalation | None = None
    goes_on: bool = False


def taken(routes: Sequence[Route], *, host: str, component: str, severity: Severity) -> Iterator[Route]:
    """The routes that an alert takes, in order."""
    for route in routes:
        if route.scope.holds(host=host, component=component, severity=severity):
            yield route
            if not route.goes_on:
                return
