"""Durations as people write them: `90s`, `15m`, `2h`, `1h30m`, `1d`."""

import re
from datetime import timedelta

from settings import FaultError, shown

LONGEST = timedelta(days=366)

_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
_REMEDY = "write it with its unit, such as 90s, 15m, 2h, 1h30m or 1d"


def duration(value: object) -> timedelta:
    """A duration of 0 s to 366 days, days before hours before minutes before seconds.

    Raises `FaultError` for anything else, a number without a unit included.
    """
    parts = _DURATION.fullmatch(value.replace(" ", "")) if isinstance(value, str) else None
    if parts is None or not any(parts.groups()):
        raise FaultError(f"{shown(value)} is not a duration", _REMEDY)
    seconds = sum(int(part or 0) * unit for part, unit in zip(parts.groups(), _UNITS.values(), strict=True))
    if seconds > LONGEST.total_seconds():
        raise FaultError(f"{shown(value)} is longer than {LONGEST.days} days", "write a shorter one")
    return timedelta(seconds=seconds)


def spelt(length: timedelta) -> str:
    """A duration of whole seconds as `duration` reads it, in the largest units that fit: `1h30m`."""
    left, words = round(length.total_seconds()), ""
    for letter, unit in _UNITS.items():
        count, left = divmod(left, unit)
        words += f"{count}{letter}" if count else ""
    return words or "0s"
