"""Lets a webhook reach public addresses only: looked up once, checked, and connected to as checked."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from notifications.channels.base import DeliveryError


class PublicAddresses(AbstractResolver):
    """Resolves names to addresses of the internet; a private one needs its host to be in `allowed`.

    A host in `allowed` whose address is public all the same needs to be `encrypted`.
    """

    def __init__(self, allowed: Collection[str], *, encrypted: bool = True) -> None:
        self._allowed = allowed
        self._encrypted = encrypted
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        for result in found:
            if host not in self._allowed:
                check_address(host, result["host"])
            elif not self._encrypted:
                check_open(host, result["host"])
        return found

    async def close(self) -> None:
        await self._resolver.close()


def check_url(url: str, allowed: Collection[str]) -> str:
    """The host of `url`; raises DeliveryError for a URL that a webhook must not be sent to.

    https only, unless the host is in `allowed` and no literal public address; no user name in it; no literal
    private address.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.scheme not in {"http", "https"} or parts.username is not None:
        raise DeliveryError("the webhook's URL is no plain https address", permanent=True)
    if host in allowed:
        if parts.scheme != "https" and _is_address(host):
            check_open(host, host)
        return host
    if parts.scheme != "https":
        raise DeliveryError(f"the webhook to {host} is not encrypted: use https", permanent=True)
    if _is_address(host):
        check_address(host, host)
    return host


def check_address(host: str, address: str) -> None:
    """Raises DeliveryError unless `address` belongs to the internet at large."""
    if not _is_public(address):
        remedy = "set allow_private on the destination if that is meant"
        raise DeliveryError(f"{host} is at {address}, which is no public address; {remedy}", permanent=True)


def check_open(host: str, address: str) -> None:
    """Raises DeliveryError if what is not encrypted would leave for the internet at large."""
    if _is_public(address):
        reason = f"the webhook to {host} is not encrypted and leads to {address}, a public address: use https"
        raise DeliveryError(reason, permanent=True)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    return mapped.is_global and not mapped.is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
