"""Flapping: an incident that changes again and again is told once, and once more when it is over."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.severity import Severity

# More changes than this within the cooldown are flapping.
MOST_CHANGES = 4

# A critical that stays for this long has stopped flapping and matters.
STEADY_CRITICAL = timedelta(minutes=5)


def begins(changes: Sequence[datetime], *, window: timedelta, now: datetime) -> str | None:
    """Why an incident with changes at these times is flapping now; None when it is not."""
    recent = [at for at in changes if at > now - window]
    if len(recent) <= MOST_CHANGES:
        return None
    minutes = window.total_seconds() / 60
    return f"it changed {len(recent)} times within {minutes:g} minutes; the next change is kept quiet"


def is_over(
    last_change: datetime, firing: Severity | None, *, window: timedelta, now: datetime
) -> str | None:
    """Why a flapping incident has come to rest; None when it has not. `firing` is what it rests in."""
    steady = steady_for(firing, window=window)
    if now - last_change < steady:
        return None
    state = f"firing, {firing}" if firing else "over"
    return f"it has not changed for {steady.total_seconds() / 60:g} minutes: {state}"


def steady_for(firing: Severity | None, *, window: timedelta) -> timedelta:
    """How long an incident must not change to have come to rest."""
    return min(window, STEADY_CRITICAL) if firing is Severity.CRITICAL else window
