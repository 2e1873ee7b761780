"""How long is too long: from when on a part is dead, and how often the watchdog looks."""

from datetime import timedelta

from domain.cadence import HEARTBEAT_INTERVAL

# What it takes from the moment at which a part has to be called dead until people read of it: a question to a
# Redis that does not answer (2 s), and the start of the voice on a machine that is short of everything.
TO_TELL = timedelta(seconds=5)

# Of a part that stops people hear within two intervals. Its sign of life may be 10 s late until then.
DEAD_AFTER = 2 * HEARTBEAT_INTERVAL - TO_TELL

# How often the watchdog looks; when a part has to be called dead before that, it looks then.
EVERY, SOONEST = timedelta(seconds=5), timedelta(seconds=0.5)

# Whoever has just been started needs longer to begin than whoever works to go on.
BEGINS_WITHIN = HEARTBEAT_INTERVAL

# How early a tick may come after the one before, and a little more.
JITTER = timedelta(seconds=0.5)

# A destination may have a rate of a message a minute; what waits for longer does not wait for that.
OVERDUE_AFTER = timedelta(seconds=60)

# Slack closes its connections now and then, and a new one takes its time.
UNHEARD_AFTER = timedelta(seconds=60)
