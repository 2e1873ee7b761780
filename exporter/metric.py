"""What a metric is, and how the number of its series is kept within bounds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

# So many values of a label that others choose, as the names of destinations; the rest is one series.
MOST = 50
REST = "other"

# A series: the values of the labels, in the order of the metric, and its value.
Series = Mapping[tuple[str, ...], float]


class Kind(StrEnum):
    GAUGE = "gauge"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Label:
    """A label: the values that it can have, or none where people choose them."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric as Prometheus sees it, without the prefix; `together` makes one value of several.

    Where every label has known values, all of their combinations are there from the start, at 0: a series
    that only appears with its first event would hide that event from `increase()`.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[Label, ...] = ()
    together: Callable[[Iterable[float]], float] = sum

    @property
    def full_name(self) -> str:
        return f"tocsin_{self.name}"

    def bounded(self, series: Series) -> Series:
        """The series with unknown values of labels put together as `other`; known ones that lack are 0."""
        found: dict[tuple[str, ...], list[float]] = {}
        kept = [label.values or _first(place, series) for place, label in enumerate(self.labels)]
        for values, number in series.items():
            allowed = tuple(v if v in some else REST for v, some in zip(values, kept, strict=True))
            found.setdefault(allowed, []).append(number)
        zeros = dict.fromkeys(self._known(), 0.0) if self.kind is Kind.COUNTER or self.together is sum else {}
        return zeros | {values: self.together(numbers) for values, numbers in found.items()}

    def _known(self) -> Iterator[tuple[str, ...]]:
        if self.labels and all(label.values for label in self.labels):
            yield from product(*(label.values for label in self.labels))


def _first(place: int, series: Series) -> Sequence[str]:
    """The values that a label keeps: the first by name, so that what is put together only grows."""
    return sorted({values[place] for values in series})[:MOST]


def gauge(
    name: str, about: str, *labels: Label, together: Callable[[Iterable[float]], float] = sum
) -> Metric:
    return Metric(name, Kind.GAUGE, about, labels, together)


def counter(name: str, about: str, *labels: Label) -> Metric:
    return Metric(f"{name}_total", Kind.COUNTER, about, labels)
