"""Lets a webhook reach public addresses only: looked up once, checked, and connected to as checked."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from notifications.channels.base import DeliveryError


class PublicAddresses(AbstractResolver):
    """Resolves names to addresses of the internet; a private one needs its host to be in `allowed`."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if host not in self._allowed:
            for result in found:
                check_address(host, result["host"])
        return found

    async def close(self) -> None:
        await self._resolver.close()


def check_url(url: str, allowed: Collection[str]) -> str:
    """The host of `url`; raises DeliveryError for a URL that a webhook must not be sent to.

    https only, unless the host is in `allowed`; no user name in it; no literal private address.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.scheme not in {"http", "https"} or parts.username is not None:
        raise DeliveryError("the webhook's URL is no plain https address", permanent=True)
    if host in allowed:
        return host
    if parts.scheme != "https":
        raise DeliveryError(f"the webhook to {host} is not encrypted: use https", permanent=True)
    if _is_address(host):
        check_address(host, host)
    return host


def check_address(host: str, address: str) -> None:
    """Raises DeliveryError unless `address` belongs to the internet at large."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    if not mapped.is_global or mapped.is_multicast:
        raise DeliveryError(
            f"{host} is at {address}, which is no public address; allow the host if that is meant",
            permanent=True,
        )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
