"""What was measured: counts that are the same on every machine, and comparisons that are ratios."""

from dataclasses import dataclass, field

from benchmarks.rounds import Comparison


@dataclass
class Report:
    """Collects, and prints as it goes."""

    counts: dict[str, float] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)

    def count(self, name: str, value: float, unit: str) -> None:
        self.counts[f"{name}, {unit}"] = round(value, 3)
        print(f"{name:<62} {value:9.2f} {unit}")

    def compare(self, comparison: Comparison) -> None:
        self.comparisons.append(comparison)
        print(comparison)
