"""What a file may say and hardly can mean: routes that nothing reaches, names that nothing uses."""

from collections.abc import Iterator, Mapping, Sequence

from policy import builtin
from policy.destinations import AnyDestination
from policy.file import tags
from policy.file.parse import Parsed
from policy.file.places import Keys
from policy.matching import Scope
from policy.routes import Escalation, Route


def oddities(
    parsed: Parsed,
    routes: Sequence[Route],
    escalations: Mapping[str, Escalation],
    destinations: Mapping[str, AnyDestination],
) -> Iterator[str]:
    """Sentences about a file that is right as far as it goes."""
    yield from _shadowed(parsed, routes)
    used = {route.escalation.name for route in routes if route.escalation}
    for name in escalations:
        if name not in used:
            yield _sentence(parsed, ("escalation", name), "no route uses it, so nobody is ever told by it")
    yield from _unused(parsed, routes, escalations, destinations)
    for keys in tags.unused(parsed):
        yield _sentence(parsed, keys, "no rule, route or maintenance names this tag")


def _shadowed(parsed: Parsed, routes: Sequence[Route]) -> Iterator[str]:
    keys = [keys for keys, _ in parsed.of("routes")]
    for index, route in enumerate(routes):
        for before, other in enumerate(routes[:index]):
            if not other.goes_on and other.scope.covers(route.scope):
                place = parsed.places.of(keys[before])
                fault = f"nothing ever reaches it, because everything that it is about goes to {place}"
                yield _sentence(parsed, keys[index], f"{fault}; put it before that one, or take it out")
                break


def _unused(
    parsed: Parsed,
    routes: Sequence[Route],
    escalations: Mapping[str, Escalation],
    destinations: Mapping[str, AnyDestination],
) -> Iterator[str]:
    # What no route takes is told everywhere, so a destination is out of use only when routes take it all.
    if not any(route.scope.covers(Scope()) and not route.goes_on for route in routes):
        return
    used = {name for route in routes for name in route.destinations}
    used |= {
        name for escalation in escalations.values() for step in escalation.steps for name in step.destinations
    }
    used |= {d.fallback for d in destinations.values() if d.fallback and d.name in used}
    for name in destinations:
        if name in used or name == builtin.CONSOLE.name:
            continue
        place = parsed.places.of(("destinations", name)) if ("destinations", name) in parsed.tables else name
        yield f"{place}: no route leads to this destination"


def _sentence(parsed: Parsed, keys: Keys, fault: str) -> str:
    return f"{parsed.places.of(keys)}: {fault}"
