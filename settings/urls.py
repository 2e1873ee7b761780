"""What all URLs have in common: taken apart, put together, and shown without their secrets."""

import ipaddress
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from pydantic import SecretStr

from domain.hiding import MASK
from settings.problems import FaultError

_SECRET_KEYS = ("password", "sslpassword")
ENCODE = "write special characters of user name and password encoded, such as %40 for @"


def masked(url: str) -> str:
    """A URL that was accepted, with its password replaced and nothing of its query that may be secret."""
    parts = urlsplit(url)
    user, colon, _ = parts.netloc.rpartition("@")[0].partition(":")
    account = f"{user}{colon}{MASK if colon else ''}@" if "@" in parts.netloc else ""
    query = urlencode([(k, MASK if k in _SECRET_KEYS else v) for k, v in parse_qsl(parts.query)], safe="*/")
    sign = "?" if query else ""
    return f"{parts.scheme}://{account}{parts.netloc.rpartition('@')[2]}{parts.path}{sign}{query}"


def masked_web(url: str) -> str:
    """A web address of which only scheme and host may be seen: the path of a webhook is its password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{MASK}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by name or address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() in ("localhost", "localhost.localdomain")


def text_of(value: object) -> str:
    """The text of a URL that may come as a secret, without spaces around it."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
    return text.strip(" ")


def split(text: str, example: str) -> SplitResult:
    """The parts of a URL; faults name no part of it, because a password may be in any of them."""
    # urlsplit() drops tabs and line breaks without a word.
    if any(ord(character) < 33 or ord(character) == 127 for character in text):
        raise FaultError(
            "the URL holds a space, a line break or a control character", f"write it as {example}"
        )
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        raise FaultError(
            "host and port of the URL cannot be read, or the port is not from 1 to 65535", ENCODE
        ) from None
    if not url.scheme or "://" not in text:
        raise FaultError("the value is not a URL", f"write it as {example}")
    if port == 0:
        raise FaultError("0 is not a port from 1 to 65535", f"write it as {example}")
    return url


def join(scheme: str, url: SplitResult, host: str, path: str, query: list[tuple[str, str]]) -> str:
    """A URL with the account and port of another one, its special characters encoded."""
    user, password = url.username, url.password
    account = "" if user is None else quote(unquote(user), safe="")
    if password is not None:
        account += ":" + quote(unquote(password), safe="")
    place = f"[{host}]" if ":" in host else host
    if url.port is not None:
        place += f":{url.port}"
    sign, at = "?" if query else "", "@" if account else ""
    return f"{scheme}://{account}{at}{place}{path}{sign}{urlencode(query, quote_via=quote, safe='/')}"
