"""Percentages and rates from counters: no spike, no invention, a reason where there is none."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rates import (
    BACKWARDS,
    FIFTEEN_MINUTES_S,
    FIRST,
    FIVE_MINUTES_S,
    NO_TIME,
    REBOOTED,
    SHORTEST_WINDOW_S,
    TOO_SOON,
    TRAIL_STEP_S,
    CpuTimes,
    Interfaces,
    Moment,
    Rate,
    Trail,
    average,
    bytes_per_second,
    cpu_percent,
    cpu_times,
    extend,
    window,
)

ticks = st.integers(min_value=0, max_value=2**63)
seconds = st.floats(min_value=0, max_value=1e9)
times = st.builds(CpuTimes, seconds, ticks, ticks)
counters = st.dictionaries(st.sampled_from(["eth0", "eth1", "wlan0", "docker0"]), ticks)


def test_it_counts_waiting_for_a_disk_as_idle_and_everything_else_as_busy() -> None:
    user, nice, system, idle, iowait, irq, softirq, steal = kinds = [2**kind for kind in range(8)]
    assert cpu_times(5.0, kinds) == CpuTimes(
        at_s=5.0, busy=user + nice + system + irq + softirq + steal, idle=idle + iowait
    )


@pytest.mark.parametrize("count", [7, 9])
def test_it_takes_no_other_count_of_kinds_for_that_of_the_kernel(count: int) -> None:
    with pytest.raises(ValueError, match="unpack"):
        cpu_times(5.0, range(count))


def read(busy: int, idle: int) -> CpuTimes:
    return CpuTimes(5.0, busy, idle)


@pytest.mark.parametrize(
    ("before", "after", "percent"),
    [
        (read(100, 100), read(100, 200), 0.0),
        (read(100, 100), read(125, 175), 25.0),
        (read(100, 100), read(200, 100), 100.0),
    ],
)
def test_it_derives_cpu_percent_from_two_readings(before: CpuTimes, after: CpuTimes, percent: float) -> None:
    assert cpu_percent(before, after) == percent


def test_idle_time_that_steps_back_by_a_tick_under_full_load_is_a_hundred_percent_and_no_gap() -> None:
    assert cpu_percent(read(100, 50), read(200, 49)) == 100.0


@pytest.mark.parametrize(
    ("after", "reason"),
    [(read(99, 200), BACKWARDS), (read(101, 50), BACKWARDS), (read(100, 100), NO_TIME)],
)
def test_it_says_why_there_is_no_cpu_percent(after: CpuTimes, reason: str) -> None:
    assert cpu_percent(read(100, 100), after) == reason


@given(times, times)
def test_cpu_percent_is_a_percentage_or_unknown_whatever_the_counters_say(
    before: CpuTimes, after: CpuTimes
) -> None:
    rate = cpu_percent(before, after)
    assert rate in {BACKWARDS, NO_TIME} if isinstance(rate, str) else 0 <= rate <= 100


@given(times, ticks, ticks, ticks)
def test_an_earlier_start_of_the_counters_changes_no_percentage(
    before: CpuTimes, busy: int, idle: int, offset: int
) -> None:
    after = read(before.busy + busy, before.idle + idle)
    shifted = [read(each.busy + offset, each.idle + offset) for each in (before, after)]
    assert cpu_percent(*shifted) == cpu_percent(before, after)


def interfaces(bytes_in: dict[str, int]) -> Interfaces:
    """Of which twice as much goes out as comes in."""
    return Interfaces(
        tuple(bytes_in), tuple(bytes_in.values()), tuple(2 * count for count in bytes_in.values())
    )


def received(before: dict[str, int], after: dict[str, int], passed: float) -> Rate:
    """The bytes per second that came in; what went out is twice that, or unknown for the same reason."""
    rate, sent = bytes_per_second(interfaces(before), interfaces(after), passed)
    assert sent == (rate if isinstance(rate, str) else pytest.approx(2 * rate))
    return rate


def test_it_adds_up_what_every_interface_gained() -> None:
    assert received({"eth0": 100, "eth1": 50}, {"eth0": 200, "eth1": 100}, 10.0) == 15.0


def test_an_interface_that_appears_with_a_history_is_no_spike() -> None:
    assert received({"eth0": 100}, {"eth0": 200, "veth": 10**15}, 10.0) == 10.0


def test_an_interface_that_disappears_takes_nothing_from_the_others() -> None:
    assert received({"eth0": 100, "veth": 10**15}, {"eth0": 200}, 10.0) == 10.0


def test_an_interface_that_changes_its_place_keeps_its_counter() -> None:
    assert received({"eth0": 100, "veth": 10**15}, {"veth": 10**15, "eth0": 200}, 10.0) == 10.0


def test_one_interface_that_was_reset_leaves_the_sum_unknown_and_is_named() -> None:
    assert received({"eth0": 100, "eth1": 50}, {"eth0": 10**6, "eth1": 49}, 10.0) == f"eth1: {BACKWARDS}"


def test_a_counter_that_went_back_on_the_way_out_leaves_the_way_in_known() -> None:
    before, after = Interfaces(("eth0",), (100,), (100,)), Interfaces(("eth0",), (200,), (99,))
    assert bytes_per_second(before, after, 10.0) == (10.0, f"eth0: {BACKWARDS}")


def test_without_interfaces_nothing_flows() -> None:
    assert received({}, {}, 10.0) == 0.0
    assert received({"eth0": 1}, {}, 10.0) == 0.0


def test_interfaces_that_nobody_saw_before_have_no_rate() -> None:
    assert received({"eth0": 1}, {"eth1": 2}, 10.0) == FIRST
    assert received({}, {"eth1": 2}, 10.0) == FIRST


@given(counters, counters, seconds.filter(bool))
def test_the_sum_of_rates_is_that_of_the_interfaces_in_both_readings(
    before: dict[str, int], after: dict[str, int], passed: float
) -> None:
    rate = received(before, after, passed)
    gains = [after[name] - before[name] for name in before.keys() & after.keys()]
    if min(gains, default=0) < 0 or (after and not gains):
        assert isinstance(rate, str)
    else:
        assert rate == pytest.approx(sum(gains) / passed)


def test_the_first_reading_has_no_window() -> None:
    assert window(None, Moment("boot", 100.0)) == FIRST


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (Moment("an earlier boot", 90.0), REBOOTED),
        (Moment("boot", 99.9), TOO_SOON),
        (Moment("boot", 100.0), TOO_SOON),
        (Moment("boot", 101.0), NO_TIME),
    ],
)
def test_it_says_why_two_readings_make_no_window(before: Moment, reason: str) -> None:
    assert window(before, Moment("boot", 100.0)) == reason


def test_the_window_is_the_time_between_two_readings_of_one_boot() -> None:
    assert window(Moment("boot", 95.0), Moment("boot", 100.0)) == 5.0


@given(seconds, seconds, st.booleans())
def test_every_two_readings_make_a_window_or_a_reason(before_s: float, now_s: float, same: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
    before, now = Moment("boot", before_s), Moment("boot" if same else "other", now_s)
    length = window(before, now)
    assert length in {REBOOTED, TOO_SOON, NO_TIME} if isinstance(length, str) else length == now_s - before_s
    assert isinstance(length, str) or length >= SHORTEST_WINDOW_S


def steady(minutes: float, percent: int, *, step_s: float = 5.0) -> Trail:
    """The trail after so many minutes of readings at a steady load, one every `step_s` seconds."""
    trail: Trail = ()
    for reading in range(int(minutes * 60 / step_s) + 1):
        trail = extend(trail, at(reading * step_s, percent))
    return trail


def at(at_s: float, percent: int) -> CpuTimes:
    """One CPU that has been busy to this percentage since the beginning."""
    return CpuTimes(at_s, round(at_s * percent), round(at_s * (100 - percent)))


def test_there_is_no_average_before_there_are_minutes_enough() -> None:
    trail = steady(4.9, 40)
    five = average(trail, at(4.9 * 60, 40), FIVE_MINUTES_S)
    assert five == "there are no 5 minutes of readings yet"


def test_the_average_over_five_minutes_forgets_what_was_before() -> None:
    calm = steady(20, 0)
    busy = CpuTimes(25 * 60.0, 5 * 60 * 80, calm[-1].idle + 5 * 60 * 20)
    assert average(calm, busy, FIVE_MINUTES_S) == pytest.approx(80)
    assert average(calm, busy, FIFTEEN_MINUTES_S) == pytest.approx(80 / 3, rel=0.02)


def test_the_first_average_after_a_long_pause_is_none_of_the_whole_pause() -> None:
    trail = steady(20, 10)
    later = average(trail, at(120 * 60, 10), FIVE_MINUTES_S)
    assert later == "there was no reading 5 minutes ago"


def test_a_counter_that_was_reset_starts_a_new_trail() -> None:
    reset = CpuTimes(1300.0, 1, 1)
    assert extend(steady(20, 50), reset) == (reset,)


def test_a_clock_that_was_set_back_starts_a_new_trail() -> None:
    back = CpuTimes(3.0, 10**9, 10**9)
    assert extend(steady(20, 50), back) == (back,)


@given(st.lists(st.floats(min_value=1, max_value=40), max_size=200))
def test_the_trail_stays_short_and_still_reaches_back_as_far_as_it_must(steps: list[float]) -> None:
    trail: Trail = ()
    moments = [0.0, *itertools.accumulate(steps)]
    for at_s in moments:
        trail = extend(trail, at(at_s, 30))
    assert all(later.at_s - earlier.at_s >= TRAIL_STEP_S for earlier, later in itertools.pairwise(trail))
    assert len(trail) <= FIFTEEN_MINUTES_S / TRAIL_STEP_S + 2
    rate = average(trail, at(moments[-1], 30), FIFTEEN_MINUTES_S)
    assert isinstance(rate, str) is (moments[-1] < FIFTEEN_MINUTES_S)


@given(st.integers(min_value=0, max_value=100), st.sampled_from([FIVE_MINUTES_S, FIFTEEN_MINUTES_S]))
def test_the_average_of_a_steady_load_is_that_load(percent: int, span_s: float) -> None:
    assert average(steady(16, percent), at(16 * 60, percent), span_s) == pytest.approx(percent)
