"""Draws up.svg, the picture of `tocsin up` in the README: a real run with a drill, in a home of its own.

Run it as `python docs/images/up.py`; it takes about a minute.
"""
# ruff: noqa: INP001 - a script that lies beside its picture, and no package

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from time import monotonic, sleep

from rich.console import Console
from rich.terminal_theme import MONOKAI

from cli.startup.starting import start
from cli.up import with_servers
from cli.view.live import Picture, page
from cli.view.showing import Show
from cli.view.watching import Watcher
from embedded import Supervisor
from policy import load as load_policy
from settings import environment, load

WIDTH = 100
IMAGE = Path(__file__).with_suffix(".svg")


def main() -> None:
    """Start everything, ring the bell, wait until it was heard, and draw what is seen then."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as home:
        Path(home).chmod(0o711)
        os.environ |= {"HOME": home, "HOST_NAME": "web-1"}
        settings, programs = with_servers(load(environment()))
        with Supervisor(programs, settings.tocsin_home) as supervisor:
            started = start(supervisor, settings, load_policy(None, settings), print)
            watcher = Watcher(started.engine, started.redis)
            show = Show(supervisor, started, watcher, next(started.later), monotonic())
            until(show, is_started)
            subprocess.run([sys.executable, "-m", "cli.main", "drill"], check=True)
            draw(until(show, is_complete))
            watcher.close()


def is_started(seen: Picture) -> bool:
    """Whether the last program is there, and the first look at the database has been taken."""
    return seen.situation is not None and any(one.name == "watchdog" for one in seen.programs)


def is_complete(seen: Picture) -> bool:
    """Whether everything has happened that a newcomer sees within the first minute."""
    now = seen.situation
    check = now.check_of("web-1") if now else None
    scored = check is not None and check.score is not None
    if not scored or now is None or now.run_of("collect.processes") is None:
        return False
    return len(now.told) > 1 and "seconds" not in seen.addresses["Flower"]


def until(show: Show, enough: Callable[[Picture], bool]) -> Picture:
    while not enough(seen := show.turn()):
        sleep(1)
    return seen


def draw(seen: Picture) -> None:
    console = Console(
        record=True, width=WIDTH, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(page(seen, width=WIDTH))
    drawn = console.export_svg(title="tocsin up", theme=MONOKAI)
    # A picture that fetches fonts from elsewhere would tell others who looks at it.
    IMAGE.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main()
