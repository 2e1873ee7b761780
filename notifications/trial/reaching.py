"""The way to an HTTPS server, taken step by step on a connection of its own: name, connection, encryption."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver

from notifications.channels.base import DeliveryError
from notifications.channels.exchange import in_words
from notifications.trial.course import Course


@dataclass(frozen=True, slots=True)
class Server:
    """Where a connection is to go, and whether it is encrypted from the first byte."""

    host: str
    port: int
    encrypted: bool

    @classmethod
    def of(cls, url: str) -> "Server":
        parts = urlsplit(url)
        encrypted = parts.scheme == "https"
        return cls(parts.hostname or "", parts.port or (443 if encrypted else 80), encrypted)


async def reach(server: Server, course: Course, resolver: AbstractResolver | None = None) -> None:
    """Resolve, connect and encrypt, and let go again; raises DeliveryError at the step that fails."""
    address = await resolve(server.host, server.port, course, resolver or ThreadedResolver())
    with course.step("connection") as said:
        try:
            _, writer = await asyncio.open_connection(address, server.port)
        except OSError as error:
            raise DeliveryError(f"{server.host}, port {server.port}: {in_words(error)}") from None
        said.append(f"port {server.port}")
    try:
        if server.encrypted:
            await _encrypt(server.host, writer, course)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def resolve(host: str, port: int, course: Course, resolver: AbstractResolver) -> str:
    """The first address of a host; raises DeliveryError when it has none, or none that may be used."""
    with course.step("name") as said:
        try:
            found = await resolver.resolve(host, port, socket.AF_UNSPEC)
        except OSError:
            raise DeliveryError(f"{host}: the name could not be resolved") from None
        finally:
            await resolver.close()
        said.append(f"{host} is {found[0]['host']}")
        return found[0]["host"]


async def _encrypt(host: str, writer: asyncio.StreamWriter, course: Course) -> None:
    with course.step("encryption") as said:
        try:
            await writer.start_tls(ssl.create_default_context(), server_hostname=host)
        except ssl.SSLCertVerificationError as error:
            reason = f"{host}: its certificate is not to be trusted ({error.verify_message})"
            raise DeliveryError(reason, permanent=True) from None
        except (OSError, ssl.SSLError) as error:
            raise DeliveryError(f"{host}: {in_words(error)}") from None
        said.append(encryption(writer.get_extra_info("ssl_object")))


def encryption(tls: ssl.SSLObject | None) -> str:
    """The version of TLS, and until when the certificate holds."""
    if tls is None:
        return "none"
    end = (tls.getpeercert() or {}).get("notAfter")
    return f"{tls.version()}, certificate until {end}" if end else str(tls.version())
