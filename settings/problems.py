"""What is wrong with a setting, said so that a person can put it right and no secret is told."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_LENGTH = 40


class FaultError(ValueError):
    """What is wrong with one value, and what to do; the one who knows the setting's name adds it."""

    def __init__(self, fault: str, remedy: str) -> None:
        super().__init__(f"{fault}; {remedy}")
        self.fault = fault
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right: where it stands, what is wrong there and what to do.

    `name` is a setting, or a place in a file. No field ever carries a secret.
    """

    name: str
    fault: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.name}: {self.fault}; {self.remedy}"


class ConfigurationError(Exception):
    """What people set is not usable; `problems` holds everything that is wrong with it, at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def shown(value: object) -> str:
    """A value as it may stand in a sentence: quoted, on one line, and not too long. Never for secrets."""
    text = str(value)
    return repr(text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…")


class SettingsError(ConfigurationError):
    """The environment is not usable."""
