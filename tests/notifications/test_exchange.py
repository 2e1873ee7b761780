"""One request and its answer: bounded in time and size, and quoted without secrets."""

from datetime import timedelta
from time import monotonic

import aiohttp
import pytest
from pydantic import SecretStr

from notifications.channels.base import DeliveryError
from notifications.channels.exchange import BODY, Answer, answer_to
from notifications.channels.quoting import quoted
from tests.standins.behaviour import Behaviour, answer, drip, flood, hang
from tests.standins.http import HttpStandIn

URL = SecretStr("https://hooks.slack.com/services/T0/B0/TopSecretPart")


async def asked(sink: HttpStandIn, deadline: float = 5) -> Answer:
    async def post(session: aiohttp.ClientSession) -> None:
        await session.post(sink.url(), data=b"x")

    return await answer_to(post, "sink", deadline=timedelta(seconds=deadline))


@pytest.mark.parametrize("behaviour", [hang, drip], ids=["hangs", "drips"])
async def test_it_ends_at_its_deadline_however_slowly_the_other_side_answers(
    sink: HttpStandIn, behaviour: Behaviour
) -> None:
    sink.script.append(behaviour)
    begun = monotonic()
    with pytest.raises(DeliveryError, match=r"did not answer within 0\.4 seconds") as raised:
        await asked(sink, deadline=0.4)
    assert monotonic() - begun < 1.5
    assert raised.value.ambiguous


async def test_it_reads_64_kilobytes_and_no_more(sink: HttpStandIn) -> None:
    sink.script.append(flood(10_000_000))
    assert len((await asked(sink)).body) == BODY


async def test_it_does_not_unpack_what_it_did_not_ask_to_be_packed(sink: HttpStandIn) -> None:
    sink.script.append(answer(200, b"\x1f\x8b not really", {"Content-Encoding": "identity"}))
    await asked(sink)
    assert sink.requests[0].headers["Accept-Encoding"] == "identity"


async def test_a_caller_that_asks_nothing_hears_so() -> None:
    async def nothing(_session: aiohttp.ClientSession) -> None:
        return

    with pytest.raises(DeliveryError, match="was not asked anything"):
        await answer_to(nothing, "sink")


@pytest.mark.parametrize(
    "words",
    [
        "no_service at https://hooks.slack.com/services/T0/B0/TopSecretPart",
        "cannot POST /services/T0/B0/TopSecretPart",
        "unknown hook TopSecretPart",
        "aHR0cHM6Ly9ob29rcy5zbGFjay5jb20vc2VydmljZXMvVDAvQjAvVG9wU2VjcmV0UGFydA==",
    ],
)
def test_a_quote_has_no_part_of_a_secret_address(words: str) -> None:
    said = quoted(words, URL)
    assert "TopSecretPart" not in said
    assert "T0" not in said
    assert "aHR0" not in said
    assert "****" in said


def test_a_quote_is_one_short_line_and_never_empty() -> None:
    assert quoted(b"\xff\r\n\x1b[2J" + b"x" * 9999).startswith("\ufffd [2Jx")
    assert len(quoted("x" * 9999)) == 200
    assert quoted("", None, SecretStr("")) == "nothing"
