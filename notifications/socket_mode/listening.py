"""Listens for as long as it is left to; the next connection is opened before the last one is closed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from time import monotonic
from typing import Any, NoReturn

import aiohttp
import structlog
from pydantic import SecretStr

from notifications import retry
from notifications.channels.base import DeliveryError
from notifications.socket_mode.connection import Connection, opened
from notifications.socket_mode.presses import Press, press

LONGEST_PAUSE = timedelta(minutes=1)
ALIVE_EVERY = timedelta(seconds=15)

# A connection that Slack takes back sooner counts as a failure, or we would open one after the other.
STEADY = timedelta(seconds=30)

log = structlog.get_logger()


@dataclass
class _Turn:
    """Of one connection: whether the next is to be opened, and whether Slack has asked for that."""

    over: asyncio.Event = field(default_factory=asyncio.Event)
    asked: bool = False

    def ask(self) -> None:
        self.asked = True
        self.over.set()


@dataclass
class Listener:
    """Hears what people press and hands it on; `pressed` and `alive` raise nothing.

    `alive` is called every 15 seconds while a connection stands, which Slack's answers to our pings prove.
    """

    token: SecretStr
    api_url: str
    pressed: Callable[[Press], Coroutine[Any, Any, None]]
    alive: Callable[[], Awaitable[None]]
    random: Random = field(default_factory=Random)
    longest_pause: timedelta = LONGEST_PAUSE
    steady: timedelta = STEADY
    _failures: int = 0
    _standing: int = 0

    async def run(self) -> NoReturn:
        """Until it is cancelled; raises DeliveryError when Slack refuses for good."""
        refusals: list[DeliveryError] = []
        try:
            async with asyncio.TaskGroup() as at_work:
                at_work.create_task(self._show_life())
                while True:
                    await self._heard_once(at_work)
        except* DeliveryError as refused:
            refusals = [error for error in refused.exceptions if isinstance(error, DeliveryError)]
        raise refusals[0]

    async def _heard_once(self, at_work: asyncio.TaskGroup) -> None:
        """Listen on a new connection until it ends or is to be replaced; it is read on beside the next."""
        began, turn = monotonic(), _Turn()
        reading = at_work.create_task(self._heard(at_work, turn))
        reading.add_done_callback(lambda _: turn.over.set())
        await turn.over.wait()
        if not turn.asked or monotonic() - began < self.steady.total_seconds():
            await self._rest(reading.result() if reading.done() else None)

    async def _heard(self, at_work: asyncio.TaskGroup, turn: _Turn) -> DeliveryError | None:
        """Read one connection to its end; answers why it ended, None when Slack just closed it."""
        try:
            async with self._connection() as connection:
                async for envelope in connection.envelopes(turn.ask):
                    if (one := press(envelope)) is not None:
                        at_work.create_task(self.pressed(one))
        except DeliveryError as error:
            if error.permanent:
                raise
            return error
        except (aiohttp.ClientError, OSError) as error:
            return DeliveryError(f"the connection broke ({type(error).__name__})")
        return None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with opened(self.token, self.api_url) as connection:
            log.info("buttons.listening")
            self._failures, self._standing = 0, self._standing + 1
            try:
                await self.alive()
                yield connection
            finally:
                self._standing -= 1

    async def _rest(self, error: DeliveryError | None) -> None:
        self._failures += 1
        wished = error.retry_after if error else None
        pause = retry.pause(failures=self._failures, retry_after=wished, random=self.random)
        pause = pause if wished else min(pause, self.longest_pause)
        reason = error.reason if error else "Slack closed the connection"
        log.warning("buttons.not_listening", reason=reason, again_in_s=round(pause.total_seconds()))
        await asyncio.sleep(pause.total_seconds())

    async def _show_life(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY.total_seconds())
            if self._standing:
                await self.alive()
