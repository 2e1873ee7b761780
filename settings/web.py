"""The settings that are web addresses: webhooks, an API, links."""

import ipaddress
from collections.abc import Callable
from typing import Annotated

from pydantic import BeforeValidator, SecretStr

from settings.problems import FaultError
from settings.urls import is_loopback, split, text_of


def web_url(
    example: str, *, encrypted: bool = True, public: bool = False, inside: bool = False
) -> Callable[[object], str]:
    """A check for an http address, https unless it leads to this machine where `encrypted`.

    `public` refuses addresses of private networks, so that a typing mistake cannot reach into one. `inside`
    needs no encryption for what may be in one: private addresses, and names, of which only a look-up tells.
    """

    def check(value: object) -> str:
        text = text_of(value)
        url = split(text, example)
        if url.scheme not in ("https", "http") or not url.hostname:
            raise FaultError("the URL is not a web address", f"write it as {example}")
        if url.username is not None:
            raise FaultError("the URL holds a user name", f"write it without one, as {example}")
        open_to = is_loopback(url.hostname) or (inside and not _is_public(url.hostname))
        if encrypted and url.scheme == "http" and not open_to:
            raise FaultError("the URL is not encrypted", "start it with https://")
        if public and _is_private(url.hostname):
            raise FaultError("the URL leads into a private network", f"write it as {example}")
        return text

    return check


def _hidden(check: Callable[[object], str]) -> BeforeValidator:
    return BeforeValidator(lambda value: SecretStr(check(value)))


def _is_public(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_global


def _is_private(host: str) -> bool:
    address = _address(host)
    return address is not None and not address.is_loopback and not address.is_global


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a host is written as, None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


SlackWebhook = Annotated[
    SecretStr, _hidden(web_url("https://hooks.slack.com/services/T000/B000/XXXX", public=True))
]
SlackApi = Annotated[str, BeforeValidator(web_url("https://slack.com/api/", public=True))]
OtlpEndpoint = Annotated[str, BeforeValidator(web_url("http://127.0.0.1:4318", encrypted=False))]
PingUrl = Annotated[SecretStr, _hidden(web_url("https://ping.example.com/my-check", encrypted=False))]
RunbookUrl = Annotated[str, BeforeValidator(web_url("https://runbooks.example.com/tocsin/", encrypted=False))]
