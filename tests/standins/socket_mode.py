"""Slack's Socket Mode on loopback: gives out addresses, says hello, sends presses, and takes them back."""

import asyncio
import itertools
import json
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiohttp import WSMsgType, web

from tests.standins.behaviour import answer
from tests.standins.http import HttpStandIn, Request
from tests.waiting import until

APP_TOKEN = "xapp-stand-in-0123456789"
WITHIN = 10.0

T = TypeVar("T")


class SocketModeStandIn(HttpStandIn):
    """Knows one app token. `acks` are the envelopes that came back, `answers` what was said to people.

    An address is good for one connection, as Slack's is. `greets` is False for a Slack that says no hello.
    """

    def __init__(self, *, greets: bool = True) -> None:
        super().__init__()
        self.acks: list[str] = []
        self.answers: list[dict[str, Any]] = []
        self.connected = 0
        self.greets = greets
        self._tickets: set[str] = set()
        self._sockets: list[web.WebSocketResponse] = []
        self._numbers = itertools.count(1)

    @property
    def api_url(self) -> str:
        return self.url("/api/")

    @property
    def open(self) -> int:
        """How many connections stand at this moment."""
        return sum(not socket.closed for socket in self._sockets)

    def press(self, action: str, value: str, *, user: str = "ada", **changes: Any) -> str:
        """Somebody presses a button under a message; answers the number of the envelope."""
        payload = {
            "type": "block_actions",
            "user": {"id": f"U{user.upper()}", "username": user, "name": user, "team_id": "T0STANDIN"},
            "container": {"type": "message", "message_ts": "1764040000.000100", "channel_id": "C0STANDIN01"},
            "actions": [{"type": "button", "action_id": action, "value": value, "action_ts": "1.0"}],
            "response_url": self.url("/actions/T0STANDIN/1/answer-here"),
        }
        number = f"envelope-{next(self._numbers)}"
        self.send({"type": "interactive", "envelope_id": number, "payload": payload | changes})
        return number

    def send(self, frame: dict[str, Any] | str) -> None:
        """Send a frame over the newest connection."""
        words = frame if isinstance(frame, str) else json.dumps(frame)
        self._now(self._sockets[-1].send_str(words))

    def drop(self, which: int = -1) -> None:
        """The connection is gone, without a word."""
        self._now(self._sockets[which].close())

    def wait_for_connection(self, number: int = 1) -> None:
        until(lambda: self.connected >= number, within=WITHIN, what=f"connection {number}")

    def wait_for_answer(self, number: int = 1) -> dict[str, Any]:
        until(lambda: len(self.answers) >= number, within=WITHIN, what=f"answer {number}")
        return self.answers[number - 1]

    async def proper(self, request: Request) -> web.StreamResponse:
        if request.path.startswith("/actions/"):
            self.answers.append(request.json)
            return web.Response(text="ok")
        if request.path != "/api/apps.connections.open":
            return web.Response(status=404)
        if request.headers.get("Authorization") != f"Bearer {APP_TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        ticket = f"ticket-{next(self._numbers)}"
        self._tickets.add(ticket)
        url = self.url(f"/link?ticket={ticket}").replace("http", "ws", 1)
        return web.json_response({"ok": True, "url": url})

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        if request.path != "/link":
            return await super()._handle(request)
        if request.query["ticket"] not in self._tickets:
            return await answer(403)(request)
        self._tickets.remove(request.query["ticket"])
        return await self._serve(request)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.append(socket)
        if self.greets:
            await socket.send_json({"type": "hello", "num_connections": self.open})
            self.connected += 1
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acks.append(json.loads(message.data)["envelope_id"])
        return socket

    def _now(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WITHIN)
