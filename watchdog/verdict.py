"""What is to be thought of a part of Tocsin: alive, stopped or unknown, why, and what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Alive, stopped, or not to be told: just started, or a consequence of something that is said already."""

    ALIVE = "alive"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a part, why, and for one that stopped since when and what to do.

    `told_by_others` marks one that is no affair of the watchdog any more, though it may not be well.
    """

    part: str
    state: State
    reason: str
    remedy: str = ""
    since: datetime | None = None
    told_by_others: bool = False

    def __str__(self) -> str:
        return f"{self.reason}; {self.remedy}" if self.remedy else self.reason


def stopped(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(one for one in verdicts if one.state is State.STOPPED)
