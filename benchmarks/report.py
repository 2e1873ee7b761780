"""What was measured, and what of it was promised."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.claims import Claim, Kind, Outcome, Verdict, amount, judge
from benchmarks.noise import SILENCE, Noise, Reading
from benchmarks.rounds import Comparison


@dataclass(frozen=True, slots=True)
class Result:
    """A claim with what came of it; no value where it could not be measured."""

    claim: Claim
    value: float | None
    verdict: Verdict
    noise: Noise

    @property
    def measured(self) -> str:
        return "-" if self.value is None else amount(self.value, self.claim.unit)


@dataclass
class Report:
    """Collects, and prints as it goes. Figures are judged by the noise since the report was begun."""

    counts: dict[str, float] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    _figures: dict[Claim, float] = field(default_factory=dict)
    _skipped: dict[Claim, str] = field(default_factory=dict)
    _began: Reading = field(default_factory=Reading.now)

    def count(self, name: str, value: float, unit: str, claim: Claim | None = None) -> None:
        """Enter a figure that stands for itself, or that is a ratio already."""
        self.counts[f"{name}, {unit}"] = round(value, 3)
        print(f"  {name:<62} {value:9.2f} {unit}")
        if claim is not None:
            self._figures[claim] = value

    def compare(self, comparison: Comparison, claim: Claim | None = None) -> None:
        """Enter a subject and its floor; the claim, if there is one, is held against subject / floor.

        A claim with `at_least` promises that the subject is so many times cheaper.
        """
        self.comparisons.append(comparison)
        print(f"  {comparison}")
        if claim is not None:
            ratio = comparison.wall_ratio if claim.kind is Kind.CLOCK else comparison.cpu_ratio
            self._figures[claim] = 1 / ratio if claim.at_least else ratio

    def skip(self, claims: Sequence[Claim], reason: str) -> None:
        """Say why claims cannot be measured here."""
        print(f"  skipped: {reason}")
        self._skipped |= dict.fromkeys(claims, reason)

    def results(self, claims: Sequence[Claim]) -> list[Result]:
        """What came of the claims, in their order."""
        noise = self._began.until(Reading.now())
        return [self._result(claim, noise) for claim in claims]

    def _result(self, claim: Claim, noise: Noise) -> Result:
        value = self._figures.get(claim)
        if value is None:
            reason = self._skipped.get(claim, "only with --full")
            return Result(claim, None, Verdict(Outcome.NOT_MEASURED, reason), SILENCE)
        return Result(claim, value, judge(claim, value, noise), noise)
