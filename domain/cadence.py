"""How often things happen: the intervals that several rooms must agree on."""

from datetime import UTC, datetime, timedelta

SAMPLE_INTERVAL = timedelta(seconds=5)
PROCESS_INTERVAL = timedelta(seconds=30)
HEALTH_INTERVAL = timedelta(seconds=15)
NOTIFY_INTERVAL = timedelta(seconds=10)
# Every part of Tocsin gives a sign of life at least so often, each queue by a task that went
# through it, and of one that stops people hear within two.
HEARTBEAT_INTERVAL = timedelta(seconds=15)

# A host whose newest sample is older than this is unknown: three intervals, as promised to on-call.
SILENCE = 3 * SAMPLE_INTERVAL

# A watchdog that has not been seen for so long does not watch. It looks every five seconds, and not while it
# speaks to people whose mail server hangs.
UNWATCHED = timedelta(seconds=60)

# Roll-ups are kept for a year; whoever asks for more than that at once has mistyped a year.
LONGEST_WINDOW = timedelta(days=366)


def slot(at: datetime, interval: timedelta) -> datetime:
    """The multiple of `interval` since the epoch that is nearest to `at` (aware, answered in UTC).

    Nearest and not last, because a tick fires on the multiple, give or take some milliseconds: rounding
    down would put a tick that came a hair early into the slot before and leave its own slot empty.
    """
    seconds = interval.total_seconds()
    return datetime.fromtimestamp(round(at.timestamp() / seconds) * seconds, UTC)
