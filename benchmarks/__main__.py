"""Measures what the project claims about speed and size: python -m benchmarks [SUITE …] [--full]."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import page
from benchmarks.claims import Outcome
from benchmarks.report import Report, Result
from benchmarks.suites import SUITES, every_claim


def main(words: Sequence[str]) -> int:
    """Measure, print, write; 1 when a claim is missed."""
    arguments = _arguments(words)
    results: list[Result] = []
    record: dict[str, Any] = {"machine": _machine(), "suites": {}}
    for name in arguments.suites or SUITES:
        report = _measured(name, full=arguments.full)
        results += report.results(SUITES[name].CLAIMS)
        record["suites"][name] = {"counts": report.counts, "comparisons": [*map(asdict, report.comparisons)]}
    print("\n" + "\n".join(_table(results)))
    record["claims"] = [asdict(result) for result in results]
    arguments.json.write_text(json.dumps(record, indent=2), encoding="utf-8")
    print(f"\nEverything that was measured is in {arguments.json}.")
    if arguments.page:
        _write_page(arguments.page, results)
    return any(result.verdict.outcome is Outcome.MISSED for result in results)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument("--full", action="store_true", help="more history, longer windows, more hosts")
    parser.add_argument("--json", type=Path, metavar="FILE", default=Path("bench.json"), help="the record")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the figures into docs/benchmarks.md")
    arguments = parser.parse_args(words)
    for name in arguments.suites:
        if name not in SUITES:
            parser.error(f"there is no suite {name!r}; there are {', '.join(SUITES)}")
    return arguments


def _measured(name: str, *, full: bool) -> Report:
    print(f"\n{name}", flush=True)
    began, report = time.monotonic(), Report()
    SUITES[name].run(report, full=full)
    print(f"  ({time.monotonic() - began:.0f} s)")
    return report


def _table(results: Sequence[Result]) -> Iterator[str]:
    row = "{:<58} {:<14} {:>12}   {}"
    yield row.format("claim", "target", "measured", "")
    for result in results:
        against = f"{result.claim.what} / {result.claim.floor}"
        yield row.format(against[:58], result.claim.target, result.measured, result.verdict)
    noises = [result.noise for result in results if result.value is not None]
    if noises:
        yield f"\nnoise at its worst: {max(noises, key=lambda noise: noise.others)}; {os.cpu_count()} cores"


def _machine() -> dict[str, str | int | None]:
    return {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}


def _write_page(path: Path, results: Sequence[Result]) -> None:
    measured = {result.claim: result.measured for result in results if result.value is not None}
    path.write_text(page.written(path.read_text("utf-8"), every_claim(), measured), "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
