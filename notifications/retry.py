"""When to try again and when to give up: the schedule of retries, as data."""

from datetime import datetime, timedelta
from random import Random

# From the first failure on; the last one repeats. Each is jittered, so that many do not come back as one.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
)
JITTER = 0.2
HOURS = 24
GIVE_UP_AFTER = timedelta(hours=HOURS)


def pause(*, failures: int, retry_after: timedelta | None, random: Random) -> timedelta:
    """How long to wait after the given number of failures (1 or more); what the other side asked for wins."""
    if retry_after is not None:
        return max(retry_after, timedelta(seconds=1))
    return PAUSES[min(failures, len(PAUSES)) - 1] * (1 + JITTER * random.random())


def given_up(*, waits_since: datetime, again_at: datetime) -> bool:
    """Whether a message that could first go at `waits_since` is too old to be tried again at `again_at`."""
    return again_at >= waits_since + GIVE_UP_AFTER
