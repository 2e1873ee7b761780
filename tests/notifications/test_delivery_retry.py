"""When to try again, and when to give up."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from notifications import retry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(hours=24)


def pause(failures: int, retry_after: timedelta | None = None, seed: int = 1) -> float:
    return retry.pause(failures=failures, retry_after=retry_after, random=Random(seed)).total_seconds()


@pytest.mark.parametrize(("failures", "seconds"), [(1, 5), (2, 15), (3, 60), (4, 300), (5, 300), (1000, 300)])
def test_pauses_grow_up_to_five_minutes(failures: int, seconds: float) -> None:
    assert all(seconds <= pause(failures, seed=seed) <= 1.2 * seconds for seed in range(50))


def test_two_messages_do_not_come_back_at_the_same_time() -> None:
    assert pause(1, seed=1) != pause(1, seed=2)


def test_what_the_other_side_asks_for_wins() -> None:
    assert pause(1, timedelta(minutes=10)) == 600
    assert pause(4, timedelta(seconds=30)) == 30


def test_nobody_can_ask_for_no_pause_at_all() -> None:
    assert pause(1, timedelta(0)) == 1


def test_it_is_tried_for_24_hours() -> None:
    assert not retry.given_up(waits_since=NOW, again_at=NOW + DAY - timedelta(seconds=1))
    assert retry.given_up(waits_since=NOW, again_at=NOW + DAY)
