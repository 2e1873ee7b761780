"""The claims about stored history: the size of a row, writing, packing, roll-ups, charts, cleanup."""

from benchmarks import cleanup, packing, rollups, storage
from benchmarks.claims import Claim
from benchmarks.report import Report
from benchmarks.stage import FULL, QUICK, stage

CLAIMS: tuple[Claim, ...] = (*storage.CLAIMS, *packing.CLAIMS, *rollups.CLAIMS, *cleanup.CLAIMS)


def run(report: Report, *, full: bool) -> None:
    """Measure them on a server of their own: with three days a minute or two, with a month four."""
    with stage(FULL if full else QUICK) as on:
        storage.size(on, report)
        storage.busy(on, report)
        storage.log(on, report)
        storage.write(on, report)
        rollups.roll_up(on, report)
        rollups.chart(on, report)
        cleanup.cleanup(on, report)
        packing.closed(on, report)
        packing.packed(on, report)
        if full:
            rollups.backfill(on, report)
