"""Writes numbers, spans and times the way a tired person reads them; times always in UTC and saying so."""

import math
from datetime import UTC, datetime, timedelta


def quantity(value: float, unit: str) -> str:
    """`97.2 %`, `90 %`, `1,240 MB`; seconds from two minutes on as a span; what is no number says so."""
    if not math.isfinite(value):
        return "no number"
    if unit == "s" and abs(value) >= 120:
        return span(timedelta(seconds=min(abs(value), 1e9)))
    return f"{number(value)} {unit}".rstrip()


def number(value: float) -> str:
    """One decimal where it says something, thousands apart; the very large and the very small in short."""
    if not math.isfinite(value):
        return "no number"
    if abs(value) >= 1e12 or 0 < abs(value) < 0.05:
        return f"{value:.3g}"
    return f"{value:,.1f}".removesuffix(".0")


def span(length: timedelta) -> str:
    """The two largest parts of a span: `45 s`, `14 min`, `1 h 5 min`, `2 d 3 h`; never negative."""
    seconds = max(0, round(length.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return _parts(seconds, (60, "min"), (1, "s") if seconds < 300 else None)
    if seconds < 86_400:
        return _parts(seconds, (3600, "h"), (60, "min"))
    return _parts(seconds, (86_400, "d"), (3600, "h"))


def _parts(seconds: int, large: tuple[int, str], small: tuple[int, str] | None) -> str:
    whole, rest = divmod(seconds, large[0])
    words = f"{whole} {large[1]}"
    if small is None or rest < small[0]:
        return words
    return f"{words} {rest // small[0]} {small[1]}"


def moment(at: datetime) -> str:
    """A full time, `2026-11-21 03:12:05 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock(at: datetime, beside: datetime) -> str:
    """`03:12 UTC`, with the date in front where it is another day than `beside`."""
    at, beside = at.astimezone(UTC), beside.astimezone(UTC)
    return f"{at:%H:%M} UTC" if at.date() == beside.date() else f"{at:%Y-%m-%d %H:%M} UTC"
