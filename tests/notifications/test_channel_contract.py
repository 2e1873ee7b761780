"""What every channel promises, whatever names hosts give themselves and whatever happened to them."""

import logging

import pytest

from domain.alerts import EventKind
from tests.notifications.hostile import NAMES
from tests.notifications.rigs import Rig


async def test_it_hands_a_message_over_once_and_has_a_receipt(any_rig: Rig) -> None:
    receipt = await any_rig.channel.send(any_rig.message())
    assert receipt.answer
    assert any_rig.requests() == 1


@pytest.mark.parametrize("kind", EventKind)
async def test_it_tells_what_happened_where_and_how_much(any_rig: Rig, kind: EventKind) -> None:
    await any_rig.channel.send(any_rig.message(kind=kind))
    seen = any_rig.seen().lower()
    for word in ("web-1", "cpu", "97.2 %", "90 %", "03:12", "utc", "alert 123"):
        assert word in seen


async def test_it_sends_a_second_message_over_a_connection_of_its_own(any_rig: Rig) -> None:
    for number in (1, 2):
        await any_rig.channel.send(any_rig.message())
        assert any_rig.requests() == number


async def test_it_shows_hostile_names_without_any_effect(any_rig: Rig) -> None:
    for name, text in NAMES.items():
        hostile = any_rig.message(
            host=text, component=text, rule=text, message=text, reason=text, notes=(text,), fallback_for=text
        )
        await any_rig.channel.send(hostile)
        assert any_rig.effects() == [], name
        assert "97.2 %" in any_rig.seen(), name


async def test_it_cuts_a_message_of_a_megabyte_and_says_where_the_rest_is(any_rig: Rig) -> None:
    await any_rig.channel.send(any_rig.message(message="very " * 200_000, reason="so <&> " * 200_000))
    assert "(cut; full text: tocsin alerts show 123)" in any_rig.seen()
    assert len(any_rig.seen()) < 20_000


async def test_it_says_when_it_may_be_a_copy_and_for_whom_it_stands_in(any_rig: Rig) -> None:
    await any_rig.channel.send(any_rig.message(repeated=True, fallback_for="slack-ops", is_drill=True))
    seen = any_rig.seen()
    for words in ("second copy", "because slack-ops could not be reached", "This is a drill"):
        assert words in seen


async def test_it_shows_no_secret_of_its_own(any_rig: Rig, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await any_rig.channel.send(any_rig.message())
    revealed = f"{any_rig.channel!r} {vars(any_rig.channel)} {caplog.text}"
    assert [secret for secret in any_rig.secrets if secret in revealed] == []
