"""What every channel over HTTP promises, tried with everything that a server may do."""

import asyncio
import logging
import traceback
from datetime import timedelta

import pytest

from tests.notifications.failing import failure
from tests.notifications.rigs import HttpRig
from tests.standins.behaviour import Behaviour, answer, drip, flood, hang, reset
from tests.standins.certificates import certificate
from tests.standins.http import HttpStandIn
from tests.standins.refusing import RefusingStandIn, closed_port

SHORT = 0.4  # seconds that a patient caller waits in these tests
PAGE = "<html><body>Sign in to the guest network</body></html>"

STATUSES = [
    (400, "invalid_token", True),
    (401, "", True),
    (403, "action_prohibited", True),
    (404, "no_service", True),
    (410, "channel_is_archived", True),
    (413, PAGE, True),
    (302, "", False),
    (408, "", False),
    (425, "", False),
    (429, "rate_limited", False),
    (500, "rollup_error", False),
    (503, PAGE, False),
]


@pytest.mark.parametrize(("status", "body", "permanent"), STATUSES)
async def test_it_knows_from_the_status_whether_trying_again_can_help(
    http_rig: HttpRig, status: int, body: str, *, permanent: bool
) -> None:
    http_rig.server.script.append(answer(status, body, {"Location": http_rig.server.url("/elsewhere")}))
    error = await failure(http_rig.channel, http_rig.message())
    assert (error.permanent, error.ambiguous) == (permanent, False)
    assert str(status) in error.reason
    assert http_rig.requests() == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30), ("86400", 900), ("-5", 1), ("0", 1), ("soon", None), (None, None)],
)
async def test_it_passes_on_when_to_come_back(
    http_rig: HttpRig, header: str | None, seconds: int | None
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    http_rig.server.script.append(answer(429, "rate_limited", headers))
    error = await failure(http_rig.channel, http_rig.message())
    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))
    assert not error.permanent


@pytest.mark.parametrize("behaviour", [hang, drip], ids=["hangs", "drips"])
async def test_it_lets_go_at_once_when_its_caller_has_waited_long_enough(
    http_rig: HttpRig, behaviour: Behaviour
) -> None:
    http_rig.server.script.append(behaviour)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(SHORT):
            await http_rig.channel.send(http_rig.message())
    assert http_rig.requests() == 1
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_it_calls_a_reset_after_the_request_ambiguous(http_rig: HttpRig) -> None:
    http_rig.server.script.append(reset)
    error = await failure(http_rig.channel, http_rig.message())
    assert (error.permanent, error.ambiguous) == (False, True)
    assert http_rig.requests() == 1


async def test_it_asks_once_even_where_every_connection_is_reset(http_rig: HttpRig) -> None:
    with RefusingStandIn() as refusing:
        error = await failure(http_rig.at(f"http://127.0.0.1:{refusing.port}/x/"), http_rig.message())
        assert refusing.visitors == 1
    assert not error.permanent


async def test_it_does_not_read_ten_megabytes(http_rig: HttpRig) -> None:
    """A long body is neither waited for nor kept; what it begins with decides, where a channel reads it."""
    http_rig.server.script.append(flood(10_000_000, start=b"<html>"))
    async with asyncio.timeout(5):
        if http_rig.accepts:
            assert len((await failure(http_rig.channel, http_rig.message())).reason) < 400
        else:
            assert (await http_rig.channel.send(http_rig.message())).answer == "200"


@pytest.mark.parametrize(
    "body", [PAGE, "", "{not json", "[]", '"ok"', '{"ok": false, "error": "fatal_error"}', "okay"]
)
async def test_it_takes_no_answer_for_an_acceptance_but_the_right_one(http_rig: HttpRig, body: str) -> None:
    http_rig.server.script.append(answer(200, body))
    if not http_rig.accepts:
        assert (await http_rig.channel.send(http_rig.message())).answer == "200"
        return
    error = await failure(http_rig.channel, http_rig.message())
    assert (error.permanent, error.ambiguous) == (False, False)


async def test_it_survives_an_answer_in_no_known_encoding(http_rig: HttpRig) -> None:
    http_rig.server.script.append(
        answer(500, b"\xff\xfe\x00 \x80", {"Content-Type": "text/html; charset=klingon"})
    )
    error = await failure(http_rig.channel, http_rig.message())
    assert not error.permanent


async def test_it_calls_a_refused_connection_temporary_and_not_ambiguous(http_rig: HttpRig) -> None:
    error = await failure(http_rig.at(f"http://127.0.0.1:{closed_port()}/x/"), http_rig.message())
    assert (error.permanent, error.ambiguous) == (False, False)
    assert "refused" in error.reason.lower()


async def test_it_says_nothing_to_a_server_that_cannot_prove_its_name(http_rig: HttpRig) -> None:
    with HttpStandIn(tls=certificate().server()) as impostor:
        error = await failure(http_rig.at(impostor.url("/x/")), http_rig.message())
        assert impostor.requests == []
    assert (error.permanent, error.ambiguous) == (False, False)
    assert "certificate" in error.reason


async def test_it_calls_a_name_that_is_not_known_temporary(http_rig: HttpRig) -> None:
    error = await failure(http_rig.at("https://no-such-host.invalid/x/"), http_rig.message())
    assert (error.permanent, error.ambiguous) == (False, False)
    assert "resolved" in error.reason


@pytest.mark.parametrize(
    "behaviour",
    [answer(500, PAGE), answer(404, "no_service"), reset],
    ids=["500", "404", "reset"],
)
async def test_it_shows_no_secret_when_it_fails(
    http_rig: HttpRig, behaviour: Behaviour, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    http_rig.server.script.append(behaviour)
    error = await failure(http_rig.channel, http_rig.message())
    revealed = f"{error!r} {error.reason} {''.join(traceback.format_exception(error))} {caplog.text}"
    assert error.__context__ is None
    assert [secret for secret in http_rig.secrets if secret in revealed] == []


async def test_it_masks_a_secret_that_the_other_side_repeats(http_rig: HttpRig) -> None:
    http_rig.server.script.append(answer(500, f"cannot serve {' or '.join(http_rig.secrets)}"))
    error = await failure(http_rig.channel, http_rig.message())
    assert [secret for secret in http_rig.secrets if secret in str(error)] == []
    assert "****" in error.reason
