"""When to try again: the schedule of retries, as data."""

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
GIVE_UP_AFTER = timedelta(hours=24)


def next_try(
    *, failures: int, planned_at: datetime, retry_after: timedelta | None, now: datetime, random: Random
) -> datetime | None:
    """When to try again after the given number of failures (1 or more), or None to give up.

    What the other side asked for wins over the schedule; 24 hours after the message was planned it is over.
    """
    pause = PAUSES[min(failures, len(PAUSES)) - 1] * (1 + JITTER * random.random())
    if retry_after is not None:
        pause = max(retry_after, timedelta(seconds=1))
    return now + pause if now + pause < planned_at + GIVE_UP_AFTER else None
