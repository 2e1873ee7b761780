"""Where the ticks of an axis stand and what is written at them."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

T = TypeVar("T")

# Steps of a time axis that people think in; seconds.
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS = (
    *(1, 2, 5, 10, 15, 30),
    *(_MINUTE * count for count in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * count for count in (1, 2, 3, 6, 12)),
    *(_DAY * count for count in (1, 2, 7, 14, 28, 91, 182, 364)),
)
_MONDAY = 4 * _DAY  # 1970-01-05: steps of weeks begin on Mondays
_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True, slots=True)
class Tick(Generic[T]):
    """A place on an axis and its label."""

    at: T
    label: str


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """The value axis from `low` to `high`; ticks are labelled in `unit`, which may carry a prefix."""

    low: float
    high: float
    unit: str
    ticks: tuple[Tick[float], ...]


def value_axis(numbers: tuple[float, ...], unit: str, about: int) -> ValueAxis:
    """An axis that holds all numbers, with about so many ticks at round values.

    It begins at zero unless the numbers lie so close together that nothing could be told apart.
    """
    low, high = _reach(numbers, unit)
    step = _round_step((high - low) / max(1, about))
    low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    factor, prefix = _prefix(unit, max(abs(low), abs(high)))
    places = max(0, -math.floor(math.log10(step / factor) + 1e-9))
    count = round((high - low) / step)
    ticks = (low + step * nth for nth in range(count + 1))
    return ValueAxis(
        low,
        high,
        prefix + unit,
        tuple(Tick(tick, f"{tick / factor + 0.0:,.{places}f}") for tick in ticks),
    )


def _reach(numbers: tuple[float, ...], unit: str) -> tuple[float, float]:
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    if low >= 0 and (unit == "%" or low < (high or 1) / 2):
        low = 0.0
    if unit == "%" and high <= 100:
        high = min(100.0, max(high * 1.1, 10.0))
    if high <= low:
        spread = abs(high) * 0.05 or 1.0
        low, high = low - spread, high + spread
    return low, high


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is about so much or more."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * times for times in (1, 2, 5, 10) if power * times >= least * 0.79)


def _prefix(unit: str, peak: float) -> tuple[float, str]:
    """Bytes of all units span so many powers that they want a prefix; GB and MB carry one already."""
    if unit not in {"B", "B/s", ""}:
        return 1.0, ""
    return next(((size, prefix) for size, prefix in _PREFIXES if peak >= size * 10), (1.0, ""))


def time_ticks(since: datetime, until: datetime, most: int) -> tuple[Tick[datetime], ...]:
    """At most so many ticks at round times in UTC; the date stands where a day begins."""
    seconds = (until - since).total_seconds()
    step = next(
        (step for step in _STEPS if seconds / step <= most),
        _STEPS[-1] * math.ceil(seconds / _STEPS[-1] / most),
    )
    anchor = _MONDAY if step > _DAY else 0
    first = math.ceil((since.timestamp() - anchor) / step) * step + anchor
    times = range(first, math.floor(until.timestamp()) + 1, step)
    return tuple(Tick(at, _written(at, step)) for at in map(_utc, times))


def _utc(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _written(at: datetime, step: int) -> str:
    if step >= 91 * _DAY:
        return f"{at:%b %Y}"
    if step >= _DAY or (at.hour, at.minute, at.second) == (0, 0, 0):
        return f"{at.day} {at:%b}"
    return f"{at:%H:%M:%S}" if step < _MINUTE else f"{at:%H:%M}"


def period(since: datetime, until: datetime) -> str:
    """The time that a chart covers: `2026-11-21 03:00 to 04:00 UTC`."""
    since, until = since.astimezone(UTC), until.astimezone(UTC)
    if until - since > timedelta(days=14):
        return f"{since:%Y-%m-%d} to {until:%Y-%m-%d} UTC"
    fine = ":%S" if until - since < timedelta(minutes=10) else ""
    end = f"{until:%H:%M{fine}}" if since.date() == until.date() else f"{until:%Y-%m-%d %H:%M{fine}}"
    return f"{since:%Y-%m-%d %H:%M{fine}} to {end} UTC"
