"""The program `tocsin watchdog` becomes: turns until it is told to stop."""

import signal
from threading import Event

import settings
from settings import Problem, Settings, SettingsError
from watchdog.children import Understudy, tell
from watchdog.database import Database
from watchdog.ping import Pinger
from watchdog.watch import Watchdog
from worker import liveness, logs


def main() -> None:
    """Watch until SIGTERM or SIGINT."""
    configured = settings.load(settings.environment())
    logs.set_up(configured)
    watchdog = _watchdog(configured)
    end = Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: end.set())
    while not end.is_set():
        watchdog.turn()
        liveness.show(configured.tocsin_home)
        end.wait(watchdog.next_look_s)
    watchdog.stop()


def _watchdog(configured: Settings) -> Watchdog:
    if configured.database_url is None:
        problem = Problem(
            "DATABASE_URL", "it is not set, and the watchdog reads it", "set it to your PostgreSQL"
        )
        raise SettingsError([problem])
    return Watchdog(
        Database(configured.database_url),
        configured.redis_url,
        configured.tocsin_home,
        tell,
        Understudy(),
        Pinger(configured.watchdog_ping_url),
        buttons_awaited=configured.slack_app_token is not None,
    )
