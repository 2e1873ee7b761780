"""Tries a destination out: a message that says that it is a test or a replay, and every step on its way.

Nothing here knows the outbox's rows but to read them: no cooldown is armed, no alert and no circuit changes.
"""

from notifications.trial.course import Course, Step
from notifications.trial.destinations import UnknownDestinationError, named
from notifications.trial.marking import Mark, letter, made_up_notice
from notifications.trial.stored import alert_notices, last_notices, stored_notice
from notifications.trial.trying import Tried, try_out

__all__ = [
    "Course",
    "Mark",
    "Step",
    "Tried",
    "UnknownDestinationError",
    "alert_notices",
    "last_notices",
    "letter",
    "made_up_notice",
    "named",
    "stored_notice",
    "try_out",
]
