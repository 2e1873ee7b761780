"""What an HTTP stand-in may do with a request instead of answering it properly."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


def answer(status: int, body: str | bytes = b"", headers: Mapping[str, str] | None = None) -> Behaviour:
    async def behave(_request: web.Request) -> web.StreamResponse:
        content = body.encode() if isinstance(body, str) else body
        kind = "application/json" if content.startswith((b"{", b"[")) else "text/html"
        return web.Response(status=status, body=content, headers={"Content-Type": kind, **(headers or {})})

    return behave


async def hang(_request: web.Request) -> web.StreamResponse:
    """Accept, and say nothing."""
    await asyncio.Event().wait()
    raise AssertionError("nothing ends this wait")


async def drip(request: web.Request) -> web.StreamResponse:
    """A slow loris: a byte now and then, so that no time-out of a single read ever ends it."""
    response = web.StreamResponse(headers={"Content-Type": "text/html"})
    await response.prepare(request)
    while True:
        await response.write(b"o")
        await asyncio.sleep(0.05)


async def reset(request: web.Request) -> web.StreamResponse:
    """The request was read to its end, and then the connection is gone."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def flood(size: int, start: bytes = b"ok") -> Behaviour:
    """A body of `size` bytes that begins well."""

    async def behave(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=start + b" " * (size - len(start)), content_type="text/html")

    return behave
