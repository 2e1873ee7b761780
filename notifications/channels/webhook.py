"""Any address that takes JSON: signed, with a key by which copies can be told, to public addresses only."""

import hashlib
import hmac
import json
import math
import time
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr

from notifications.channels.addresses import PublicAddresses, check_url
from notifications.channels.base import Message, Receipt
from notifications.channels.exchange import answer_to
from notifications.escaping import cut

VERSION = 1
TEXT = 4000


class Webhook:
    """POSTs a JSON object (docs/channels.md). With a `secret`, `X-Tocsin-Signature` proves who sent it.

    The signature is `t=<seconds since 1970>,v1=<hex>`, the hex being HMAC-SHA256 over `<seconds>.<body>`, so
    that an old request cannot be played again. `allowed` names hosts that may be private, and there
    unencrypted.
    """

    def __init__(
        self, url: SecretStr, secret: SecretStr | None = None, allowed: Collection[str] = frozenset()
    ) -> None:
        self._url = url
        self._secret = secret
        self._allowed = frozenset(allowed)

    async def send(self, message: Message) -> Receipt:
        url = self._url.get_secret_value()
        host = check_url(url, self._allowed)
        body = json.dumps(document(message)).encode()

        async def post(session: aiohttp.ClientSession) -> None:
            await session.post(url, data=body, headers=self._headers(message, body), allow_redirects=False)

        resolver = PublicAddresses(self._allowed, encrypted=urlsplit(url).scheme == "https")
        answer = await answer_to(post, host, resolver=resolver)
        if 200 <= answer.status < 300:
            return Receipt(None, f"{answer.status}")
        raise answer.refusal(host, self._url, self._secret)

    def _headers(self, message: Message, body: bytes) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Tocsin",
            "Idempotency-Key": message.key,
        }
        if self._secret is not None:
            headers["X-Tocsin-Signature"] = signature(self._secret, int(time.time()), body)
        return headers


def signature(secret: SecretStr, seconds: int, body: bytes) -> str:
    """The value of `X-Tocsin-Signature` for a body that is sent `seconds` after 1970."""
    signed = f"{seconds}.".encode() + body
    digest = hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def document(message: Message) -> dict[str, object]:
    """The JSON object: the words as people get them, and the notice or digest as it was measured."""
    return {
        "version": VERSION,
        "key": message.key,
        "incident": message.incident_key,
        "summary": message.rendered.summary,
        "text": message.rendered.text,
        **_told(message),
    }


def _told(message: Message) -> dict[str, object]:
    if message.digest is not None:
        return {"digest": _json(asdict(message.digest))}
    return {"notice": _json(asdict(message.notice))}


def _json(value: object) -> object:
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    """Times as ISO 8601, spans in seconds, and null for what is no number, for which JSON has no word."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return cut(value, TEXT, "in the history of the alert") if isinstance(value, str) else value
