"""Every suite by its name."""

from collections.abc import Mapping
from typing import Protocol

from benchmarks import collection, footprint, history, liveness
from benchmarks.claims import Claim
from benchmarks.report import Report


class Suite(Protocol):
    """A module that measures; see the package."""

    @property
    def CLAIMS(self) -> tuple[Claim, ...]: ...  # noqa: N802 - it is a constant of a module

    def run(self, report: Report, *, full: bool) -> None:
        """Measure, quickly or in full, and enter all figures."""


SUITES: Mapping[str, Suite] = {
    "collection": collection,
    "footprint": footprint,
    "history": history,
    "liveness": liveness,
}


def every_claim() -> list[Claim]:
    """What all suites promise, in their order."""
    return [claim for suite in SUITES.values() for claim in suite.CLAIMS]
