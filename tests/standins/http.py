"""An address that takes any HTTP request, records it, and answers as scripted, else with 200."""

import json
import ssl
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.standins.behaviour import Behaviour
from tests.standins.thread import LoopThread

LARGEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it arrived, and when, in seconds of the monotonic clock."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class HttpStandIn(LoopThread):
    """Answers with what is in `script`, one after the other, and then properly."""

    def __init__(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.port = port
        self._tls = tls
        self.requests: list[Request] = []
        self.script: deque[Behaviour] = deque()

    def url(self, path: str = "/") -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{path}"

    async def proper(self, request: Request) -> web.StreamResponse:
        """What this stand-in answers by itself."""
        return web.Response(text=f"got {len(request.body)} bytes")

    async def serve(self) -> None:
        application = web.Application(client_max_size=LARGEST)
        application.router.add_route("*", "/{path:.*}", self._handle)
        # Without cancellation a handler that hangs would outlive its visitor and keep the server from ending.
        self._runner = web.AppRunner(
            application, handler_cancellation=True, shutdown_timeout=0.1, access_log=None
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._tls)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        arrived = Request(request.method, request.path, request.headers, body, time.monotonic())
        self.requests.append(arrived)
        if self.script:
            return await self.script.popleft()(request)
        return await self.proper(arrived)
