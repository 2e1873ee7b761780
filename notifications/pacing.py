"""How much a destination may get and when: a bucket of tokens, refilled by the database's clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy import AnyDestination, SlackBot, SlackWebhook

# Above this the messages of a moment are gathered anyway, so there is no use in saving up for more.
BURST = 10

# Slack takes about one message per second and channel (docs.slack.dev, "Rate limits"); a little more, as
# two messages may arrive closer together than they left.
SPACING: Mapping[str, timedelta] = {
    SlackWebhook.kind: timedelta(seconds=1.1),
    SlackBot.kind: timedelta(seconds=1.1),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `burst` messages at once and `per_minute` within any minute, `spacing` apart."""

    per_minute: int
    burst: int
    spacing: timedelta = timedelta(0)

    @property
    def per_second(self) -> float:
        """Tokens that come back in a second.

        Within 60 seconds go `burst` and what comes back meanwhile, 60 * per_second, and the last token is
        whole only when the minute is over: so both together may be one more than `per_minute`.
        """
        return (self.per_minute + 1 - self.burst) / 60


@dataclass(frozen=True, slots=True)
class Bucket:
    """`tokens` at the moment `refilled_at`, which is also when it was last drawn from."""

    tokens: float
    refilled_at: datetime


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many messages may leave now, how many of them side by side, and when the next one may at latest.

    `messages` may be spent on several, `at_once` is less where messages keep a distance; 0 until `next_at`.
    """

    messages: int
    at_once: int
    next_at: datetime


def limit(destination: AnyDestination | None) -> Limit:
    """What a destination may get; `per_minute` counts for each of its recipients. None is an unknown one."""
    if destination is None:
        return Limit(per_minute=30, burst=BURST)
    people = len(destination.recipients)
    per_minute = destination.per_minute * people
    return Limit(
        per_minute=per_minute,
        burst=min(BURST * people, (per_minute + 1) // 2),
        spacing=SPACING.get(destination.kind, timedelta(0)),
    )


def full(limit: Limit, now: datetime) -> Bucket:
    """The bucket of a destination that has got nothing yet."""
    return Bucket(limit.burst, now - limit.spacing)


def refilled(bucket: Bucket, limit: Limit, now: datetime) -> Bucket:
    """The bucket as it is now; a clock that was put back takes nothing and gives nothing."""
    elapsed = max((now - bucket.refilled_at).total_seconds(), 0)
    return Bucket(min(limit.burst, bucket.tokens + elapsed * limit.per_second), now)


def drawn(bucket: Bucket, limit: Limit, messages: int, now: datetime) -> Bucket:
    """The bucket after `messages` more have left."""
    return Bucket(refilled(bucket, limit, now).tokens - messages, now)


def allowance(bucket: Bucket, limit: Limit, now: datetime) -> Allowance:
    """What may leave now."""
    tokens = refilled(bucket, limit, now).tokens
    wait = timedelta(seconds=max(1 - tokens, 0) / limit.per_second)
    apart = min(bucket.refilled_at, now) + limit.spacing if limit.spacing else now
    next_at = max(now + wait, apart)
    if next_at > now:
        return Allowance(0, 0, next_at)
    return Allowance(int(tokens), 1 if limit.spacing else int(tokens), now)
