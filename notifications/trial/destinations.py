"""Finds a destination by its name, or says which was meant."""

import difflib

from policy import AnyDestination, Policy
from settings import shown


class UnknownDestinationError(LookupError):
    """No destination has that name; the message says so, `remedy` which was meant or which there are."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"there is no destination {shown(name)}")
        near = difflib.get_close_matches(name, known, 1, 0.5)
        self.remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"


def named(policy: Policy, name: str) -> AnyDestination:
    """The destination of that name; raises UnknownDestinationError."""
    try:
        return policy.destinations[name]
    except KeyError:
        raise UnknownDestinationError(name, sorted(policy.destinations)) from None
