"""The mark of one look: all right, to be seen to, or wrong."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How bad it is; the exit code of the command is the rank of the worst."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"

    @property
    def rank(self) -> int:
        return list(Mark).index(self)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at, and what was found; `remedy` is empty where nothing has to be done."""

    about: str
    mark: Mark
    found: str
    remedy: str = ""
