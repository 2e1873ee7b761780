"""The life of an alert, one observation at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.alerts import Change, EventKind, Rule, Watch, observe
from domain.severity import Severity

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
CPU = Rule(
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
AT_ONCE = replace(CPU, opens_after=timedelta(0), resolves_after=timedelta(0))


def play(rule: Rule, *values: float | None, watch: Watch | None = None) -> tuple[Watch, list[Change]]:
    """Feed one value every 5 seconds (None is a tick without one) and collect the changes."""
    watch, changes = watch or Watch(), []
    begin = watch.last_at + timedelta(seconds=5) if watch.last_at else START
    for n, value in enumerate(values):
        if value is None:
            continue
        watch, change = observe(rule, watch, value, begin + n * timedelta(seconds=5))
        changes += [change] if change else []
    return watch, changes


def kinds(changes: list[Change]) -> list[tuple[EventKind, Severity]]:
    return [(change.kind, change.severity) for change in changes]


OPENED_WARNING = (EventKind.OPENED, Severity.WARNING)
OPENED_CRITICAL = (EventKind.OPENED, Severity.CRITICAL)


def test_it_opens_nothing_for_a_single_busy_tick() -> None:
    watch, changes = play(CPU, 10, 99, 10)
    assert changes == []
    assert watch.idle


def test_it_opens_when_the_breach_has_lasted_and_not_before() -> None:
    assert play(CPU, *[75] * 12)[1] == []
    assert kinds(play(CPU, *[75] * 13)[1]) == [OPENED_WARNING]


def test_it_opens_at_once_where_the_rule_says_so() -> None:
    assert kinds(play(AT_ONCE, 96)[1]) == [OPENED_CRITICAL]


def test_a_value_at_the_threshold_breaches_it() -> None:
    assert kinds(play(AT_ONCE, 70)[1]) == [OPENED_WARNING]
    assert play(AT_ONCE, 69.999)[1] == []


def test_a_value_at_the_critical_threshold_is_critical() -> None:
    assert kinds(play(AT_ONCE, 90)[1]) == [OPENED_CRITICAL]
    assert kinds(play(AT_ONCE, 89.999)[1]) == [OPENED_WARNING]


def test_it_says_since_when_and_which_threshold_was_in_force() -> None:
    _, (opened,) = play(CPU, 10, *[95] * 13)
    assert opened.since == START + timedelta(seconds=5)
    assert opened.threshold == 90
    assert "since 2026-03-01 03:00:05 UTC" in opened.reason


def test_a_dip_begins_the_breach_anew() -> None:
    assert play(CPU, *[75] * 12, 60, *[75] * 12)[1] == []


def test_a_gap_begins_the_breach_anew() -> None:
    assert play(CPU, *[75] * 12, None, None, None, *[75] * 12)[1] == []


def test_a_gap_within_the_limit_does_not() -> None:
    assert kinds(play(CPU, *[75] * 11, None, None, 75)[1]) == [OPENED_WARNING]


def test_a_warning_that_turns_critical_worsens_the_same_alert() -> None:
    _, changes = play(CPU, *[75] * 13, *[95] * 13)
    assert kinds(changes) == [OPENED_WARNING, (EventKind.WORSENED, Severity.CRITICAL)]


def test_a_critical_says_since_when_it_was_critical_and_not_since_when_it_was_a_warning() -> None:
    _, (opened, worsened) = play(CPU, *[75] * 6, *[95] * 13)
    assert opened.since == START
    assert worsened.since == START + timedelta(seconds=30)


def test_a_breach_that_was_critical_for_a_moment_only_opens_as_a_warning() -> None:
    assert kinds(play(CPU, *[75] * 6, 95, *[75] * 6)[1]) == [OPENED_WARNING]


def test_a_critical_eases_when_it_is_clear_of_critical_but_not_of_warning() -> None:
    _, changes = play(CPU, *[95] * 13, *[80] * 13)
    assert kinds(changes) == [OPENED_CRITICAL, (EventKind.EASED, Severity.WARNING)]


def test_a_critical_eases_when_that_has_lasted_and_says_what_it_fell_under() -> None:
    watch, changes = play(CPU, *[95] * 13, *[80] * 12)
    assert kinds(changes) == [OPENED_CRITICAL]
    [eased] = play(CPU, 80, watch=watch)[1]
    assert (eased.threshold, eased.since) == (90, START + timedelta(seconds=65))
    assert "more than 5 % under 90 %" in eased.reason


def test_a_critical_that_is_not_clear_of_its_threshold_stays_one() -> None:
    """Five points under it is where clear begins, and is not clear yet."""
    assert kinds(play(CPU, *[95] * 13, *[88] * 20, *[85] * 20)[1]) == [OPENED_CRITICAL]


def test_a_critical_on_its_way_to_the_end_does_not_ease_first() -> None:
    _, changes = play(CPU, *[95] * 13, *[80] * 6, *[10] * 13)
    assert kinds(changes)[1:] == [(EventKind.RESOLVED, Severity.CRITICAL)]


def test_it_resolves_only_five_points_under_the_threshold() -> None:
    assert kinds(play(CPU, *[75] * 13, *[65] * 30)[1]) == [OPENED_WARNING]
    _, changes = play(CPU, *[75] * 13, *[64] * 13)
    assert kinds(changes)[1:] == [(EventKind.RESOLVED, Severity.WARNING)]
    assert (changes[1].threshold, changes[1].since) == (70, START + timedelta(seconds=65))


def test_an_open_alert_is_remembered_while_its_value_is_fine_again() -> None:
    watch, _ = play(CPU, *[75] * 13, 10)
    assert not watch.idle


def test_a_critical_that_drops_far_resolves_without_easing_first() -> None:
    _, changes = play(CPU, *[95] * 13, *[10] * 13)
    assert kinds(changes)[1:] == [(EventKind.RESOLVED, Severity.CRITICAL)]


def test_after_a_resolve_everything_begins_anew() -> None:
    watch, _ = play(CPU, *[75] * 13, *[10] * 13)
    assert watch.idle
    assert kinds(play(CPU, *[75] * 13, watch=watch)[1]) == [OPENED_WARNING]


def test_it_ignores_what_is_not_newer_than_what_it_knows() -> None:
    watch, _ = play(CPU, *[75] * 13)
    assert watch.last_at
    assert observe(CPU, watch, 10, watch.last_at) == (watch, None)
    assert observe(CPU, watch, 10, watch.last_at - timedelta(hours=1)) == (watch, None)


def test_it_remembers_the_peak_of_the_whole_breach() -> None:
    watch, _ = play(CPU, *[75] * 6, 99, *[75] * 7)
    assert watch.peak == 99


def test_it_forgets_the_peak_of_a_breach_that_did_not_last() -> None:
    watch, _ = play(CPU, 99, 10, *[75] * 13)
    assert watch.peak == 75


def test_a_rule_without_a_critical_never_becomes_one() -> None:
    rule = replace(AT_ONCE, critical=None)
    assert kinds(play(rule, 100, 100)[1]) == [OPENED_WARNING]


def test_a_rule_without_a_warning_resolves_under_its_critical() -> None:
    rule = replace(AT_ONCE, warning=None)
    _, changes = play(rule, 95, 80)
    assert kinds(changes) == [OPENED_CRITICAL, (EventKind.RESOLVED, Severity.CRITICAL)]


VALUES = st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=120)
SPANS = st.sampled_from([timedelta(0), timedelta(seconds=15), timedelta(seconds=60)])


@given(VALUES, SPANS, SPANS)
def test_whatever_comes_its_events_follow_one_another_as_a_life_does(
    values: list[float | None], opens_after: timedelta, resolves_after: timedelta
) -> None:
    rule = replace(CPU, opens_after=opens_after, resolves_after=resolves_after)
    watch, changes = play(rule, *values)
    severity: Severity | None = None
    for change in changes:
        match change.kind:
            case EventKind.OPENED:
                assert severity is None
            case EventKind.WORSENED:
                assert (severity, change.severity) == (Severity.WARNING, Severity.CRITICAL)
            case EventKind.EASED:
                assert (severity, change.severity) == (Severity.CRITICAL, Severity.WARNING)
            case EventKind.RESOLVED:
                assert severity is change.severity
            case other:
                raise AssertionError(f"an observation cannot make {other}")
        assert change.reason
        severity = None if change.kind is EventKind.RESOLVED else change.severity
    assert watch.severity is severity


@given(VALUES)
def test_nothing_opens_that_did_not_last(values: list[float | None]) -> None:
    _, changes = play(CPU, *values)
    for change in changes:
        if change.kind is EventKind.OPENED:
            ticks = int((change.since - START) / timedelta(seconds=5))
            lasting = [v for v in values[ticks : ticks + 13] if v is not None]
            assert all(v >= change.threshold for v in lasting)
