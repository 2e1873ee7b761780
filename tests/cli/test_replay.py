"""Samples of the past, held against the rules that hold now."""

from datetime import UTC, datetime, timedelta

from cli.explaining.replay import Replayed, merged, replay
from domain.alerts import Rule
from domain.severity import Severity
from worker.observations import Observation

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULE = Rule(
    name="cpu-high",
    metric="cpu_percent",
    title="CPU usage",
    unit="%",
    warning=70,
    critical=90,
    opens_after=timedelta(seconds=60),
    resolves_after=timedelta(seconds=60),
    gap=timedelta(seconds=15),
)


def replayed(*values: float, every: int = 5) -> Replayed:
    """What becomes of these values, one every few seconds from noon on."""
    [one] = replay(
        (NOON + timedelta(seconds=every * n), [Observation("cpu", RULE, value)])
        for n, value in enumerate(values)
    )
    return one


def test_a_calm_machine_has_no_breach() -> None:
    one = replayed(10, 20, 30)
    assert (one.begins, one.opened_at, one.brief) == (None, None, "")
    assert one.reading == "cpu: cpu_percent 30 % (rule cpu-high: warning from 70 %, critical from 90 %)"


def test_a_breach_that_did_not_last_says_how_long_it_was_and_how_long_it_takes() -> None:
    one = replayed(10, 75, 99, 80, 10)
    assert one.opened_at is None
    assert one.severity is Severity.CRITICAL
    assert one.brief == (
        "cpu: cpu_percent was up to 99 % from 2026-11-21 12:00:05 UTC on, for 10 s;"
        " rule cpu-high wants 1m before it is worth an alert"
    )


def test_a_breach_that_lasted_would_have_opened_an_alert() -> None:
    assert replayed(*[99] * 13).opened_at == NOON + timedelta(seconds=60)
    assert replayed(*[99] * 12).opened_at is None


def test_samples_that_are_far_apart_are_no_unbroken_breach() -> None:
    one = replayed(99, 99, 99, every=30)
    assert one.opened_at is None
    assert one.begins == NOON + timedelta(seconds=60)


def test_the_machine_and_its_partitions_come_in_the_order_of_time() -> None:
    cpu, disk = Observation("cpu", RULE, 1), Observation("disk:/", RULE, 2)
    later = NOON + timedelta(seconds=5)
    assert merged({later: [cpu]}, {NOON: [disk], later: [disk]}) == [(NOON, [disk]), (later, [cpu, disk])]
