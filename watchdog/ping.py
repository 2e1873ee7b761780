"""Calls an address outside while all is well, and says so there when it is not (docs/self-watch.md).

The way of healthchecks.io and its like: the address itself is a sign of life, `/fail` behind it an alarm.
"""

from collections.abc import Sequence
from threading import Thread
from time import monotonic
from urllib.parse import urlsplit, urlunsplit

import structlog

log = structlog.get_logger()

EVERY_S = 60.0
WITHIN_S = 5.0
LONGEST = 10_000


class Pinger:
    """Calls at once and then once a minute, at once when something begins to be wrong; waits for nobody."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._due_at = 0.0
        self._was_well = True
        self._calling: Thread | None = None

    def call(self, wrong: Sequence[str]) -> None:
        """Say that all is well, or with sentences what is not, if it is time to."""
        turned = bool(wrong) and self._was_well
        if self._url is None or (monotonic() < self._due_at and not turned):
            return
        if self._calling is not None and self._calling.is_alive():
            return
        self._due_at, self._was_well = monotonic() + EVERY_S, not wrong
        call = (failing(self._url), "\n".join(wrong).encode()[:LONGEST]) if wrong else (self._url, None)
        self._calling = Thread(target=_call, args=call, name="ping", daemon=True)
        self._calling.start()

    def stop(self) -> None:
        """Let a call that is under way come to its end."""
        if self._calling is not None:
            self._calling.join(WITHIN_S)


def failing(url: str) -> str:
    """The address that says that something is wrong."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail"))


def _call(url: str, body: bytes | None) -> None:
    # They load a third of what the watchdog is, and most have no address to call.
    from http.client import HTTPException
    from urllib.request import Request, urlopen

    request = Request(url, data=body, headers={"User-Agent": "Tocsin"})  # noqa: S310 - settings take http only
    try:
        with urlopen(request, timeout=WITHIN_S):  # noqa: S310 - as above
            pass
    except (OSError, HTTPException) as error:
        # The address is a secret: whoever knows it can speak for us.
        log.warning("watchdog.ping_failed", reason=type(error).__name__)
