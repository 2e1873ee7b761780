"""Reads what a server says about when to come back."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SOONEST, LATEST = timedelta(seconds=1), timedelta(minutes=15)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """How long a `Retry-After` header (seconds or an HTTP date, RFC 9110 section 10.2.3) asks to wait.

    Always from 1 second to 15 minutes, whatever it says, so that neither a storm nor a silence of a day can
    be ordered by somebody else; None where it says nothing that can be read.
    """
    wait = None if header is None else (_seconds(header) or _until(header, now))
    return wait and min(max(wait, SOONEST), LATEST)


def _seconds(header: str) -> timedelta | None:
    try:
        seconds = float(header)
    except ValueError:
        return None
    if seconds != seconds:  # noqa: PLR0124 - only NaN differs from itself
        return None
    return timedelta(seconds=min(max(seconds, 1), LATEST.total_seconds()))


def _until(header: str, now: datetime) -> timedelta | None:
    try:
        at = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now or SOONEST
