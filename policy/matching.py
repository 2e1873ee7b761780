"""What a rule, a route or a window is about: hosts, components, mounts and severities."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from domain.severity import Severity

Globs = tuple[str, ...]
EVERY: Globs = ("*",)
ALL_SEVERITIES = frozenset(Severity)


@dataclass(frozen=True, slots=True)
class Scope:
    """The alerts that a route or a window is about; globs as in a shell, letters as they are."""

    hosts: Globs = EVERY
    components: Globs = EVERY
    severities: frozenset[Severity] = ALL_SEVERITIES

    def holds(self, *, host: str, component: str, severity: Severity) -> bool:
        return (
            severity in self.severities
            and matches(self.hosts, host)
            # `disk` means every partition, `disk:/var` just that one.
            and (matches(self.components, component) or matches(self.components, component.partition(":")[0]))
        )

    def covers(self, other: "Scope") -> bool:
        """Whether nothing that `other` is about is outside of this one."""
        return (
            other.severities <= self.severities
            and covers(self.hosts, other.hosts)
            and _components_cover(self.components, other.components)
        )


def matches(globs: Globs, name: str) -> bool:
    """Whether at least one of some globs matches a name."""
    return any(fnmatchcase(name, glob) for glob in globs)


def covers(wide: Globs, narrow: Globs) -> bool:
    """Whether every name that one of the narrow globs matches is surely matched by one of the wide ones.

    A glob whose only wildcard is `*` matches the text of another glob only if it matches whatever that one
    matches. With other wildcards the answer is no unless they are equal, which errs to the safe side.
    """
    return all(any(glob == other or _stars_match(glob, other) for glob in wide) for other in narrow)


def _stars_match(glob: str, other: str) -> bool:
    return not set("?[") & set(glob) and fnmatchcase(other, glob)


def _components_cover(wide: Globs, narrow: Globs) -> bool:
    with_parts = (*wide, *(f"{glob}:*" for glob in wide))
    return covers(with_parts, narrow)
