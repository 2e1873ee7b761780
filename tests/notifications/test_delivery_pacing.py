"""How much a destination may get: never more than its rate, and never nothing for long."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from notifications import pacing
from notifications.pacing import Bucket, Limit
from policy import Console, Email, SlackWebhook

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SLACK = SlackWebhook(name="slack", url=SecretStr("https://hooks.slack.example/x"))
MINUTE = timedelta(minutes=1)


def email(*to: str, per_minute: int = 30) -> Email:
    return Email(name="email", to=to, sender="t@example.com", host="mail.example.com", per_minute=per_minute)


def sent_by(limit: Limit, wishes: list[float]) -> list[datetime]:
    """When messages leave if one is wished for after each of these pauses, in seconds."""
    bucket, now, sent = pacing.full(limit, NOW), NOW, []
    for pause in wishes:
        now += timedelta(seconds=pause)
        if pacing.allowance(bucket, limit, now).messages:
            bucket = pacing.drawn(bucket, limit, 1, now)
            sent.append(now)
    return sent


@given(
    per_minute=st.integers(1, 120),
    wishes=st.lists(st.floats(0, 20), min_size=1, max_size=400),
)
def test_in_no_minute_goes_more_than_the_rate(per_minute: int, wishes: list[float]) -> None:
    keeps_the_rate(per_minute, wishes)


@pytest.mark.parametrize("per_minute", [1, 2, 3, 5, 30, 60, 600])
def test_nor_when_there_is_always_more_to_send(per_minute: int) -> None:
    keeps_the_rate(per_minute, [0.05] * 4000)


def keeps_the_rate(per_minute: int, wishes: list[float]) -> None:
    sent = sent_by(pacing.limit(email("a@example.com", per_minute=per_minute)), wishes)
    for number, at in enumerate(sent[per_minute:]):
        # A hair of a second for what floats lose.
        assert at - sent[number] >= MINUTE - timedelta(milliseconds=1)


@pytest.mark.parametrize("per_minute", [1, 2, 5, 30, 600])
def test_what_waits_long_enough_always_goes(per_minute: int) -> None:
    limit = pacing.limit(email("a@example.com", per_minute=per_minute))
    bucket, now = Bucket(0.0, NOW), NOW
    for _ in range(5):
        now = max(now, pacing.allowance(bucket, limit, now).next_at + timedelta(microseconds=1))
        assert pacing.allowance(bucket, limit, now).messages >= 1
        bucket = pacing.drawn(bucket, limit, 1, now)
    assert now - NOW <= 5 * MINUTE + timedelta(seconds=1)


def test_a_new_destination_may_get_some_at_once_and_no_more_than_a_digest_begins_with() -> None:
    limit = pacing.limit(email("a@example.com"))
    assert pacing.allowance(pacing.full(limit, NOW), limit, NOW).messages == 10


def test_each_recipient_counts() -> None:
    limit = pacing.limit(email("a@example.com", "b@example.com", "c@example.com"))
    assert (limit.per_minute, limit.burst) == (90, 30)


def test_one_a_minute_is_one_a_minute() -> None:
    limit = pacing.limit(email("a@example.com", per_minute=1))
    empty = pacing.drawn(pacing.full(limit, NOW), limit, 1, NOW)
    assert pacing.allowance(empty, limit, NOW).next_at == NOW + MINUTE


def test_messages_to_slack_keep_a_distance_of_a_second() -> None:
    limit = pacing.limit(SLACK)
    full = pacing.full(limit, NOW)
    allowed = pacing.allowance(full, limit, NOW)
    assert (allowed.messages, allowed.at_once) == (10, 1)
    after = pacing.drawn(full, limit, 1, NOW)
    wait = pacing.allowance(after, limit, NOW)
    assert wait.messages == 0
    assert timedelta(seconds=1) < wait.next_at - NOW < timedelta(seconds=1.5)
    assert pacing.allowance(after, limit, wait.next_at).at_once == 1


def test_other_destinations_get_several_side_by_side() -> None:
    limit = pacing.limit(Console(name="console"))
    assert pacing.allowance(pacing.full(limit, NOW), limit, NOW).at_once == 10


def test_a_clock_that_is_put_back_neither_gives_nor_blocks() -> None:
    limit = pacing.limit(SLACK)
    bucket, back = Bucket(2.0, NOW), NOW - timedelta(hours=1)
    assert pacing.refilled(bucket, limit, back).tokens == 2.0
    assert pacing.allowance(bucket, limit, back).next_at <= back + 2 * limit.spacing


def test_a_bucket_never_holds_more_than_is_let_go_at_once() -> None:
    limit = pacing.limit(email("a@example.com"))
    assert pacing.refilled(Bucket(3.0, NOW), limit, NOW + timedelta(days=1)).tokens == limit.burst


def test_a_destination_that_nobody_knows_has_a_limit_too() -> None:
    assert pacing.limit(None).per_minute == 30
