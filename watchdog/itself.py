"""Who watches the watchdog: whether one is at work, as others see it."""

from notifications.quantities import span
from watchdog.verdict import State, Verdict
from watchdog.vitals import Vitals

PART = "watchdog"
UNWATCHED = "no watchdog {is_at_work}, so nobody would tell you that Tocsin has stopped"
REMEDY = "start tocsin watchdog, or the one anew that hangs"


def itself(now: Vitals) -> Verdict:
    """What is to be thought of the watchdog; a second one that stands by is not seen."""
    if now.watchdog is None:
        return Verdict(PART, State.STOPPED, UNWATCHED.format(is_at_work="is at work"), REMEDY)
    silent = span(now.at - now.watchdog)
    if now.watched_since is None:
        reason = UNWATCHED.format(is_at_work=f"has been at work for {silent}")
        return Verdict(PART, State.STOPPED, reason, REMEDY, now.watchdog)
    return Verdict(PART, State.ALIVE, f"last seen at work {silent} ago")
