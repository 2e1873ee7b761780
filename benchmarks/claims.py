"""What is promised, and whether a figure keeps the promise."""

from dataclasses import dataclass
from enum import StrEnum

from benchmarks.noise import Noise

# By how much a figure may lie beyond its target before the promise is broken: what the same code, measured
# again beside two and four busy processes, differed by.
SPREAD = {"count": 1.0, "CPU": 1.15, "clock": 1.5}


class Kind(StrEnum):
    """What a figure is made of, the most trustworthy first."""

    COUNT = "count"  # bytes, commands, rows: the same on every machine
    CPU = "CPU"  # a ratio of CPU time
    CLOCK = "clock"  # a ratio of time that passed, which says little on a busy machine


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise: `what` costs at most (or `at_least`) `limit` times `floor`, both measured in the same run.

    With another `unit` than x the limit is a figure by itself, and `floor` says what belongs to it.
    """

    what: str
    floor: str
    limit: float
    kind: Kind
    how: str
    unit: str = "x"
    at_least: bool = False

    @property
    def target(self) -> str:
        """The limit in words, as `at most 2x`."""
        return f"{'at least' if self.at_least else 'at most'} {amount(self.limit, self.unit)}"


class Outcome(StrEnum):
    """Whether a claim holds."""

    KEPT = "kept"
    MISSED = "missed"
    INCONCLUSIVE = "inconclusive"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, with its reason where it is not simply kept."""

    outcome: Outcome
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.outcome}: {self.reason}" if self.reason else self.outcome


def judge(claim: Claim, value: float, noise: Noise) -> Verdict:
    """Hold a figure against its claim; a miss that noise explains is no miss."""
    beyond = claim.limit / value if claim.at_least else value / claim.limit
    if beyond <= 1:
        return Verdict(Outcome.KEPT)
    if claim.kind is Kind.CLOCK and noise.is_loud:
        return Verdict(Outcome.INCONCLUSIVE, f"the machine was busy with other things ({noise})")
    if beyond <= SPREAD[claim.kind]:
        return Verdict(Outcome.INCONCLUSIVE, f"{beyond - 1:.0%} beyond, within the spread of such figures")
    return Verdict(Outcome.MISSED)


def amount(value: float, unit: str) -> str:
    """A figure with its unit: `2.9x`, `176 bytes`."""
    figure = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{figure}x" if unit == "x" else f"{figure} {unit}"
