"""The claim about looking at whether a process lives, which each container does every 30 seconds."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.claims import Claim, Kind
from benchmarks.report import Report
from benchmarks.rounds import ROUNDS, WARM_UPS
from worker import liveness

LOOK = Claim(
    "looking at whether a worker, beat or the watchdog lives",
    "`python3 -S -c pass`",
    1.0,
    Kind.CPU,
    "the health check of docker-compose.yml, its shell and `find` included",
)
CLAIMS = (LOOK,)


def run(report: Report, *, full: bool) -> None:
    """Both in turns, so many calls each; the median of the turns' ratios."""
    calls = 50 if full else 20
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        liveness.show(home)
        look = ["/bin/sh", "-c", f"find {home / liveness.FILE} -mmin -1 | grep -q ."]
        bare = [sys.executable, "-S", "-c", "pass"]
        turns = [(_cpu(look, calls), _cpu(bare, calls)) for _ in range(WARM_UPS + ROUNDS)][WARM_UPS:]
    report.count("a look at a sign of life", 1000 * median(one for one, _ in turns), "ms of CPU")
    report.count("a look, against a bare Python", median(a / b for a, b in turns), "x", LOOK)


def _cpu(argv: Sequence[str], calls: int) -> float:
    """Seconds of CPU that one call takes, with all the processes that it starts."""
    before = os.times()
    for _ in range(calls):
        subprocess.run(argv, check=True)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent / calls
