"""The program `tocsin watchdog` becomes: turns until it is told to stop."""

import signal
from pathlib import Path
from threading import Event

from watchdog.children import Understudy, orders, tell
from watchdog.database import Database
from watchdog.orders import Orders
from watchdog.ping import Pinger
from watchdog.watch import Watchdog
from worker import liveness, log_lines


def main() -> None:
    """Watch until SIGTERM or SIGINT."""
    ordered = orders()
    log_lines.begin(ordered.log_level, ordered.log_format, ordered.secrets)
    watchdog = _watchdog(ordered)
    end = Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: end.set())
    while not end.is_set():
        watchdog.turn()
        liveness.show(watchdog.home)
        end.wait(watchdog.next_look_s)
    watchdog.stop()


def _watchdog(ordered: Orders) -> Watchdog:
    return Watchdog(
        Database(ordered.database_url),
        ordered.redis_url,
        Path(ordered.home),
        tell,
        Understudy(),
        Pinger(ordered.ping_url),
        buttons_awaited=ordered.buttons_awaited,
    )
