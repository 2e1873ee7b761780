"""From two readings of counters to percentages and rates, with the reason where there is none."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from math import inf
from operator import sub
from typing import NamedTuple

# The kernel counts CPU time in hundredths of a second, so over half a second of two cores one tick is one
# percent. What a shorter window shows is the grain of the counter, not the load.
SHORTEST_WINDOW_S = 0.5

FIVE_MINUTES_S = 300.0
FIFTEEN_MINUTES_S = 900.0
TRAIL_STEP_S = 15.0

# How much older than 5 (15) minutes the far end of an average may be. Without a bound, the first average
# after an hour without readings would be one of that hour.
TRAIL_SLACK_S = 60.0

FIRST = "the first reading has nothing to compare with"
BACKWARDS = "its counter went backwards"
NO_TIME = "no time has passed since the reading before"
TOO_SOON = f"less than {SHORTEST_WINDOW_S:g} s since the reading before"
REBOOTED = "the machine was restarted since the reading before"


# What was derived, or the reason in words why nothing was.
Rate = float | str


class Moment(NamedTuple):
    """When counters were read: seconds since the boot that `boot_id` names, which no wall clock can move."""

    boot_id: str
    at_s: float


class CpuTimes(NamedTuple):
    """How long all CPUs together were busy and idle from boot until `at_s` seconds after it, in ticks."""

    at_s: float
    busy: int
    idle: int


Trail = tuple[CpuTimes, ...]


class Interfaces(NamedTuple):
    """Bytes that went in and out of each network interface since boot, in columns."""

    names: tuple[str, ...] = ()
    bytes_in: tuple[int, ...] = ()
    bytes_out: tuple[int, ...] = ()


def window(before: Moment | None, now: Moment) -> Rate:
    """The seconds between two readings, if rates can be derived over them."""
    if before is None:
        return FIRST
    if before.boot_id != now.boot_id:
        return REBOOTED
    seconds = now.at_s - before.at_s
    if seconds >= SHORTEST_WINDOW_S:
        return seconds
    return TOO_SOON if seconds >= 0 else NO_TIME


def cpu_times(at_s: float, kinds: Iterable[int]) -> CpuTimes:
    """Sort the kernel's eight kinds of CPU time, in the order of /proc/stat (proc(5)), into busy and idle.

    A CPU that waits for a disk is idle. The times of guests are none of the eight: the kernel counts them in
    the first two already. ValueError where there are fewer or more.
    """
    user, nice, system, idle, iowait, irq, softirq, steal = kinds
    return CpuTimes(at_s, user + nice + system + irq + softirq + steal, idle + iowait)


def cpu_percent(before: CpuTimes, after: CpuTimes) -> Rate:
    """Time busy as a percentage (0 to 100) of all time between two readings.

    The kernel's idle time can step back by a tick (proc(5) on iowait), at full load too; that is no reset,
    and the percentage ends at 100. A reset makes busy time, or all of it, go backwards.
    """
    busy = after.busy - before.busy
    total = busy + after.idle - before.idle
    if busy < 0 or total < 0:
        return BACKWARDS
    if total == 0:
        return NO_TIME
    return min(100.0, 100 * busy / total)


def bytes_per_second(before: Interfaces, after: Interfaces, seconds: float) -> tuple[Rate, Rate]:
    """What went in and out per second, through all interfaces together; `seconds` is more than 0.

    A counter has no rate before its second reading: one that appears, and one that disappears, adds nothing.
    If one of them went backwards, nobody knows the sum.
    """
    if before.names != after.names:
        shared = set(before.names).intersection(after.names)
        if after.names and not shared:
            return FIRST, FIRST
        before, after = _only(shared, before), _only(shared, after)
    return (
        _total_per_second(after.names, before.bytes_in, after.bytes_in, seconds),
        _total_per_second(after.names, before.bytes_out, after.bytes_out, seconds),
    )


def _only(names: Collection[str], interfaces: Interfaces) -> Interfaces:
    rows = {row[0]: row for row in zip(*interfaces, strict=False)}
    return Interfaces(*zip(*(rows[name] for name in names), strict=True)) if names else Interfaces()


def _total_per_second(
    names: Sequence[str], before: Sequence[int], after: Sequence[int], seconds: float
) -> Rate:
    gains: list[int] = [*map(sub, after, before)]
    if gains and min(gains) < 0:
        return f"{names[gains.index(min(gains))]}: {BACKWARDS}"
    return sum(gains) / seconds


def extend(trail: Trail, now: CpuTimes) -> Trail:
    """The trail with the times of `now` at its end, if the last ones are far enough behind them.

    It keeps what the average over 15 minutes needs: the times since then, and those before them. Where the
    clock or the CPU's busy time has gone backwards, older ones mean nothing any more.
    """
    if not trail:
        return (now,)
    last_s, last_busy, _ = trail[-1]
    if now.at_s < last_s or now.busy < last_busy:
        return (now,)
    if now.at_s - last_s < TRAIL_STEP_S:
        return trail
    oldest = _at_or_before(trail, now.at_s - FIFTEEN_MINUTES_S)
    return (*trail[max(0, oldest) :], now)


def average(trail: Trail, now: CpuTimes, span_s: float) -> Rate:
    """CPU percent (0 to 100) over the last `span_s` seconds, from the times nearest before they began."""
    begin_s = now.at_s - span_s
    position = _at_or_before(trail, begin_s)
    if position < 0:
        return f"there are no {span_s / 60:g} minutes of readings yet"
    since = trail[position]
    if since.at_s < begin_s - TRAIL_SLACK_S:
        return f"there was no reading {span_s / 60:g} minutes ago"
    return cpu_percent(since, now)


def _at_or_before(trail: Trail, at_s: float) -> int:
    """Where the newest times stand that are not younger than `at_s`; -1 if there are none."""
    return bisect_right(trail, (at_s, inf)) - 1
