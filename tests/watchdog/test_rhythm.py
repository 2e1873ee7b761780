"""Whether the watchdog was paused itself."""

from datetime import UTC, datetime, timedelta

import pytest

from watchdog.rhythm import Rhythm

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def rhythm(*, turn_s: float = 0.1, next_look_s: float = 5.0) -> Rhythm:
    """After a look at noon, in a turn that took so long, with the next one due so much later."""
    looks = Rhythm()
    looks.was_paused(NOON, turn_s=0.05)
    looks.rest(turn_s=turn_s, next_look_s=next_look_s)
    return looks


def test_nobody_was_paused_before_the_first_look() -> None:
    assert not Rhythm().was_paused(NOON, turn_s=0.0)


@pytest.mark.parametrize(
    ("seconds", "paused"), [(5, False), (15, False), (16, True), (3600, True), (-60, False)]
)
def test_ten_seconds_more_than_expected_are_a_pause(seconds: float, *, paused: bool) -> None:
    assert rhythm().was_paused(NOON + timedelta(seconds=seconds), turn_s=0.1) is paused


def test_a_slow_database_or_a_slow_mail_server_is_no_pause() -> None:
    assert not rhythm(turn_s=60).was_paused(NOON + timedelta(seconds=70), turn_s=0.1)
    assert not rhythm().was_paused(NOON + timedelta(seconds=30), turn_s=20)


def test_a_pause_counts_once() -> None:
    looks = rhythm()
    assert looks.was_paused(NOON + timedelta(minutes=1), turn_s=0.1)
    looks.rest(turn_s=0.1, next_look_s=5.0)
    assert not looks.was_paused(NOON + timedelta(minutes=1, seconds=5), turn_s=0.1)
