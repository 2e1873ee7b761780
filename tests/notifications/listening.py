"""A listener at work in a thread of its own, and what it has heard."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import SecretStr

from notifications.channels.base import DeliveryError
from notifications.socket_mode import Listener, Press
from tests.standins.socket_mode import APP_TOKEN, SocketModeStandIn


@dataclass
class Ear:
    """What was heard, how often a sign of life was given, and the refusal that ended it."""

    presses: list[Press] = field(default_factory=list)
    alive: int = 0
    refusal: DeliveryError | None = None
    ended: threading.Event = field(default_factory=threading.Event)

    async def pressed(self, press: Press) -> None:
        self.presses.append(press)

    async def live(self) -> None:
        self.alive += 1


@contextmanager
def listening(
    slack: SocketModeStandIn,
    token: str = APP_TOKEN,
    *,
    steady: timedelta = timedelta(0),
    pause: timedelta = timedelta(0),
) -> Iterator[Ear]:
    """Listen until the block ends, with at most `pause` between two connections."""
    ear, loop = Ear(), asyncio.new_event_loop()
    listener = Listener(
        SecretStr(token), slack.api_url, ear.pressed, ear.live, steady=steady, longest_pause=pause
    )
    running = loop.create_task(listener.run())

    def work() -> None:
        try:
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(running)
        except DeliveryError as refused:
            ear.refusal = refused
        loop.close()
        ear.ended.set()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield ear
    finally:
        if not ear.ended.is_set():
            with suppress(RuntimeError):  # it may end just now
                loop.call_soon_threadsafe(running.cancel)
        thread.join()
