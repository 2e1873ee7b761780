"""Measures what the project claims about speed: python -m benchmarks [SUITE …] [--full] [--json FILE]."""

import argparse
import json
import os
import platform
from dataclasses import asdict
from pathlib import Path

from benchmarks import collection, history
from benchmarks.report import Report
from benchmarks.rounds import Noise

SUITES = {"collection": collection.run, "history": history.run}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("suites", nargs="*", choices=[[], *SUITES], metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument("--full", action="store_true", help="with a month of history instead of three days")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured to FILE")
    arguments = parser.parse_args()
    report, load = Report(), os.getloadavg()[0]
    for name in arguments.suites or SUITES:
        print(f"\n{name}")
        SUITES[name](report, full=arguments.full)
    noise = Noise.since(load)
    print(f"\nmeasured on {noise}; trust counts first, then ratios of CPU, then ratios of wall clock")
    if arguments.json:
        machine = {"python": platform.python_version(), "system": platform.platform(), **asdict(noise)}
        arguments.json.write_text(
            json.dumps({"machine": machine, **asdict(report)}, indent=2), encoding="utf-8"
        )


main()
