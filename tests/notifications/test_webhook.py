"""Any webhook: signed, with a key for copies, and to nowhere inside the network."""

import hashlib
import hmac
import json
import time
from contextlib import nullcontext

import pytest
from pydantic import SecretStr

from domain.alerts import EventKind
from notifications.channels.addresses import PublicAddresses, check_address, check_url
from notifications.channels.base import DeliveryError
from notifications.channels.webhook import Webhook, signature
from tests.notifications.examples import message
from tests.notifications.failing import failure
from tests.notifications.rigs import SIGNING, WebhookRig
from tests.standins.http import HttpStandIn


async def test_a_receiver_can_prove_who_sent_it_and_when(sink: HttpStandIn) -> None:
    """Checked here as a receiver would, from the documentation alone."""
    await WebhookRig(sink).channel.send(message())
    request = sink.requests[0]
    parts = dict(part.split("=", 1) for part in request.headers["X-Tocsin-Signature"].split(","))
    expected = hmac.new(
        SIGNING.encode(), f"{parts['t']}.".encode() + request.body, hashlib.sha256
    ).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert abs(time.time() - int(parts["t"])) < 60


def test_a_signature_belongs_to_one_body_one_time_and_one_secret() -> None:
    made = {
        signature(SecretStr(secret), seconds, body)
        for secret in ("a", "b")
        for seconds in (1, 2)
        for body in (b"x", b"y")
    }
    assert len(made) == 8


async def test_without_a_secret_nothing_is_signed(sink: HttpStandIn) -> None:
    await Webhook(SecretStr(sink.url()), allowed={"127.0.0.1"}).send(message())
    assert "X-Tocsin-Signature" not in sink.requests[0].headers


async def test_a_copy_has_the_same_idempotency_key_and_another_delivery_has_not(sink: HttpStandIn) -> None:
    channel = WebhookRig(sink).channel
    for number in (7, 7, 8):
        await channel.send(message(delivery_id=number))
    keys = [request.headers["Idempotency-Key"] for request in sink.requests]
    assert keys[0] == keys[1] != keys[2]
    assert [request.json["key"] for request in sink.requests] == keys


async def test_the_notice_is_told_field_by_field(sink: HttpStandIn) -> None:
    await WebhookRig(sink).channel.send(message(kind=EventKind.WORSENED, value=float("nan")))
    document = sink.requests[0].json
    assert document["version"] == 1
    assert document["summary"].startswith("CRITICAL web-1")
    told = document["notice"]
    assert (told["host"], told["kind"], told["severity"]) == ("web-1", "worsened", "critical")
    assert told["value"] is None
    assert told["breach_since"] == "2026-11-21T03:12:05+00:00"
    assert told["processes"][0]["pid"] == 22011
    assert sink.requests[0].headers["Content-Type"] == "application/json"


async def test_a_notice_of_megabytes_does_not_become_a_request_of_megabytes(sink: HttpStandIn) -> None:
    await WebhookRig(sink).channel.send(message(message="x" * 5_000_000, host="y" * 5_000_000))
    assert len(sink.requests[0].body) < 40_000
    assert "cut" in json.dumps(sink.requests[0].json["notice"]["message"])


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "https://user:password@example.com/hook",
        "https://127.0.0.1/hook",
        "https://10.0.0.1/hook",
        "https://192.168.1.1/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/hook",
        "https://[fd00::1]/hook",
        "https://[::ffff:127.0.0.1]/hook",
        "https://[fe80::1]/hook",
        "https://0.0.0.0/hook",
        "https://100.64.0.1/hook",
        "https://224.0.0.1/hook",
        "file:///etc/passwd",
        "ftp://example.com/hook",
        "https:///hook",
        "nonsense",
    ],
)
async def test_it_goes_nowhere_but_to_public_encrypted_addresses(url: str) -> None:
    failed = await failure(Webhook(SecretStr(url)), message())
    assert failed.permanent
    assert "password" not in failed.reason


async def test_a_public_name_that_leads_inside_is_not_followed(sink: HttpStandIn) -> None:
    """`localhost` stands for any name whose owner points it at an address inside."""
    url = sink.url().replace("http://127.0.0.1", "https://localhost")
    failed = await failure(Webhook(SecretStr(url)), message())
    assert failed.permanent
    assert "no public address" in failed.reason
    assert sink.requests == []


async def test_an_allowed_host_may_be_inside_and_unencrypted(sink: HttpStandIn) -> None:
    url = sink.url("/hook").replace("127.0.0.1", "localhost")
    await Webhook(SecretStr(url), allowed={"localhost"}).send(message())
    assert sink.requests[0].path == "/hook"


@pytest.mark.parametrize("address", ["93.184.216.34", "[2606:2800:220:1:248:1893:25c8:1946]"])
async def test_an_allowed_host_at_a_public_address_is_told_nothing_unencrypted(address: str) -> None:
    host = address.strip("[]")
    failed = await failure(Webhook(SecretStr(f"http://{address}/hook"), allowed={host}), message())
    assert failed.permanent
    assert failed.reason.endswith("a public address: use https")
    assert check_url(f"https://{address}/hook", {host}) == host


@pytest.mark.parametrize("encrypted", [True, False])
async def test_what_a_name_leads_to_decides_whether_it_must_be_encrypted(*, encrypted: bool) -> None:
    """An address needs no look-up outside; it stands for an allowed name that leads there."""
    inside = PublicAddresses({"127.0.0.1"}, encrypted=encrypted)
    assert await inside.resolve("127.0.0.1", 80)
    await inside.close()
    outside = PublicAddresses({"93.184.216.34"}, encrypted=encrypted)
    with nullcontext() if encrypted else pytest.raises(DeliveryError, match="use https"):
        await outside.resolve("93.184.216.34", 80)
    await outside.close()


async def test_the_address_that_was_checked_is_the_one_that_is_used() -> None:
    """One look-up serves both: the resolver is what the connection gets its addresses from."""
    resolver = PublicAddresses(allowed=set())
    with pytest.raises(DeliveryError, match="no public address"):
        await resolver.resolve("localhost", 443)
    await resolver.close()


def test_public_addresses_pass() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"):
        check_address("example.com", address)
    assert check_url("https://example.com/x", frozenset()) == "example.com"
