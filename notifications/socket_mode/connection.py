"""One connection of Socket Mode: opened with the app's token, each envelope acknowledged as it comes."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import structlog
from pydantic import SecretStr
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from notifications.channels.base import DeliveryError
from notifications.channels.exchange import SILENT, answer_to
from notifications.channels.slack_bot import PERMANENT, said_in

# Slack is asked for a sign of life so often, and has half of it to give one.
PING = timedelta(seconds=10)
HELLO_WITHIN = timedelta(seconds=15)
LARGEST = 1024 * 1024

# Reasons of a `disconnect` that nothing but a change in the app's configuration undoes.
SWITCHED_OFF = "link_disabled"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection. Whoever reads it gets every envelope, and has none to acknowledge."""

    socket: aiohttp.ClientWebSocketResponse

    async def envelopes(self, refresh: Callable[[], object]) -> AsyncIterator[dict[str, Any]]:
        """Every envelope until Slack closes; `refresh` is called when Slack says that it soon will.

        Raises DeliveryError, permanent, when Socket Mode is switched off for the app.
        """
        async for frame in self._frames():
            if frame.get("type") == "disconnect":
                if frame.get("reason") == SWITCHED_OFF:
                    raise DeliveryError("Socket Mode is switched off for this app", permanent=True)
                refresh()
            elif isinstance(number := frame.get("envelope_id"), str):
                # At once: Slack shows an error to whoever pressed when none has come after three seconds.
                await self.socket.send_json(SocketModeResponse(number).to_dict())
                yield frame

    async def hello(self) -> None:
        """Wait until Slack says that the connection is in use; raises DeliveryError when it does not."""
        try:
            async with asyncio.timeout(HELLO_WITHIN.total_seconds()):
                async for frame in self._frames():
                    if frame.get("type") == "hello":
                        return
        except TimeoutError:
            raise DeliveryError("Slack opened a connection and said nothing on it") from None
        raise DeliveryError("Slack closed the connection before it was in use")

    async def _frames(self) -> AsyncIterator[dict[str, Any]]:
        async for message in self.socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            try:
                frame = json.loads(message.data)
            except ValueError:
                log.warning("buttons.not_understood", size=len(message.data))
                continue
            if isinstance(frame, dict):
                yield frame


@asynccontextmanager
async def opened(token: SecretStr, api_url: str) -> AsyncIterator[Connection]:
    """A connection that is in use; raises DeliveryError, permanent when Slack does not want this token."""
    url = await _address(token, api_url)
    async with aiohttp.ClientSession() as session:
        try:
            socket = await session.ws_connect(url, heartbeat=PING.total_seconds(), max_msg_size=LARGEST)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            # Only the kind of error: its text may hold the address, which is a ticket.
            failure = DeliveryError(f"no connection to Slack could be opened ({type(error).__name__})")
            raise failure from None
        async with socket:
            connection = Connection(socket)
            await connection.hello()
            yield connection


async def _address(token: SecretStr, api_url: str) -> str:
    """Where Slack wants this connection to be opened; good for one."""
    host = urlsplit(api_url).hostname or "Slack"

    async def post(session: aiohttp.ClientSession) -> None:
        client = AsyncWebClient(base_url=api_url, session=session, retry_handlers=[], logger=SILENT)
        client.proxy = None  # the client took it from the environment, which only settings may read
        await client.apps_connections_open(app_token=token.get_secret_value())

    answer = await answer_to(post, host)
    said = said_in(answer)
    url = said.get("url")
    if said.get("ok") is not True or not isinstance(url, str):
        raise answer.refusal(host, token, permanent=said.get("error") in PERMANENT)
    if urlsplit(url).scheme != "wss" and urlsplit(api_url).scheme == "https":
        raise DeliveryError(f"{host} named an address that is not encrypted")
    return url
