"""Times in which nobody is told."""

from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from domain.severity import Severity
from policy import Hold, Policy
from policy.windows import Recurring
from tests.policy.conftest import Read, Refuse

NEW_YEAR = "2026-01-01T00:00:00Z"
SATURDAY = datetime(2026, 11, 21, tzinfo=UTC)


def at(hours: float) -> datetime:
    return SATURDAY + timedelta(hours=hours)


def hold(
    policy: Policy, when: datetime, host: str = "web-1", severity: Severity = Severity.WARNING
) -> Hold | None:
    return policy.hold(host=host, component="cpu", severity=severity, at=when)


def test_a_window_holds_from_its_first_moment_to_before_its_last(read: Read) -> None:
    policy = read(
        '[[maintenance]]\nname = "move"\nreason = "new racks"\n'
        "from = 2026-11-21T10:00:00Z\nto = 2026-11-21T13:00:00+01:00\n"
    )
    assert hold(policy, at(9.99)) is None
    assert hold(policy, at(10)) == Hold("maintenance move (new racks) until 2026-11-21 12:00 UTC", at(12))
    assert hold(policy, at(11.99), severity=Severity.CRITICAL) is not None
    assert hold(policy, at(12)) is None


def test_a_window_is_about_its_hosts_and_severities_only(read: Read) -> None:
    policy = read(
        '[[maintenance]]\nname = "m"\nstart = "00:00"\nduration = "1d"\nhosts = "db-*"\n'
        'severities = "warning"\n'
    )
    assert hold(policy, at(5), host="db-1") is not None
    assert hold(policy, at(5), host="web-1") is None
    assert hold(policy, at(5), host="db-1", severity=Severity.CRITICAL) is None


def test_a_weekly_window_comes_again_and_passes_midnight(read: Read) -> None:
    policy = read('[[maintenance]]\nname = "m"\nstart = "23:00"\nduration = "2h"\ndays = ["sat"]\n')
    for hours, held in (
        (22.9, False),
        (23, True),
        (24.9, True),
        (25, False),
        (47, False),
        (7 * 24 + 24.5, True),
    ):
        assert (hold(policy, at(hours)) is not None) is held, hours


def test_the_longest_of_two_windows_counts(read: Read) -> None:
    policy = read(
        '[[maintenance]]\nname = "short"\nstart = "10:00"\nduration = "1h"\n'
        '[[maintenance]]\nname = "long"\nstart = "10:00"\nduration = "2h"\n'
    )
    found = hold(policy, at(10))
    assert found
    assert found.until == at(12)


def test_quiet_hours_hold_warnings_and_never_criticals(read: Read) -> None:
    policy = read('[quiet_hours]\nstart = "22:00"\nduration = "8h"\n')
    assert hold(policy, at(23)) == Hold("quiet hours: warnings wait until 2026-11-22 06:00 UTC", at(30))
    assert hold(policy, at(29)) is not None
    assert hold(policy, at(23), severity=Severity.CRITICAL) is None
    assert hold(policy, at(12)) is None


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    east = timezone(timedelta(hours=14))
    span = Recurring(time(23), timedelta(hours=2), frozenset({5}))
    assert span.end(at(23.5).astimezone(east)) == at(25)


def test_nobody_is_held_back_without_a_window(read: Read) -> None:
    assert hold(read("[repeat]\n"), at(0)) is None


def test_a_minute_is_the_shortest_repeat(read: Read) -> None:
    assert read('[repeat]\ncritical = "1m"\n').repeat[Severity.CRITICAL] == timedelta(minutes=1)


def test_repeats_can_be_changed_and_switched_off(read: Read) -> None:
    policy = read('[repeat]\ncritical = "5m"\nwarning = "never"\n[acknowledgement]\nexpires = "8h"\n')
    assert policy.repeat == {Severity.CRITICAL: timedelta(minutes=5)}
    assert policy.acknowledgement_expires == timedelta(hours=8)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[[maintenance]]\nname = "m"', "it has neither from and to nor start and duration"),
        ('[[maintenance]]\nname = "m"\nfrom = 2026-01-01T00:00:00Z', "it has neither from and to nor start"),
        (
            '[[maintenance]]\nname = "m"\nfrom = 2026-01-01T00:00:00Z\nto = 2026-01-01T00:00:00Z',
            "to: it is not after from",
        ),
        (
            '[[maintenance]]\nname = "m"\nduration = "1h"\nstart = "01:00"\nto = 2026-01-02T00:00:00Z',
            "write one of the two pairs, not both",
        ),
        (
            f'[[maintenance]]\nname = "m"\nstart = "01:00"\nfrom = {NEW_YEAR}\nto = 2026-01-02T00:00:00Z',
            "write one of the two pairs, not both",
        ),
        ('[[maintenance]]\nname = "m"\nto = 2026-01-01T00:00:00Z', "it has neither from and to nor start"),
        ('[[maintenance]]\nname = "m"\nstart = "01:00"', "it has neither from and to nor start"),
        ('[[maintenance]]\nname = "m"\nduration = "1h"', "it has neither from and to nor start"),
        ('[quiet_hours]\nstart = 22\nduration = "1h"', "start: '22' is not a time of day"),
        ('[[maintenance]]\nname = "m"\nfrom = 2026-01-01T00:00:00', "is not a time with its zone"),
        ('[[maintenance]]\nname = "m"\nfrom = 2026-01-01', "is not a time with its zone"),
        ('[[maintenance]]\nname = "m"\nfrom = "2026-01-01T00:00:00Z"', "is not a time with its zone"),
        ('[quiet_hours]\nstart = "24:00"\nduration = "1h"', "start: '24:00' is not a time of day"),
        (
            '[quiet_hours]\nstart = "22:00"\nduration = "25h"',
            "duration: '25h' is not longer than 0s and at most 1d",
        ),
        (
            '[quiet_hours]\nstart = "22:00"\nduration = "0s"',
            "duration: '0s' is not longer than 0s and at most 1d",
        ),
        ('[quiet_hours]\nstart = "22:00"\nduration = "1h"\ndays = ["sunday"]', "days: 'sunday' is not a day"),
        ('[quiet_hours]\nstart = "22:00"', "it has no duration; add duration"),
        ('[repeat]\ncritical = "10s"', "critical: '10s' is shorter than a minute"),
        ('[repeat]\ncritcal = "10m"', "critcal: there is no such key here; did you mean critical?"),
        ("[acknowledgement]", "it has no expires; add expires"),
        ("repeat = 5", "repeat: this is not a table"),
    ],
)
def test_a_wrong_time_is_refused_with_its_place(refuse: Refuse, text: str, sentence: str) -> None:
    (found,) = refuse(text)
    assert found.startswith("tocsin.toml, line ")
    assert sentence in found


def test_a_window_on_sundays_holds_on_sundays(read: Read) -> None:
    window = '[[maintenance]]\nname = "m"\nstart = 01:00:00.5\nduration = "1h"\ndays = "sun"\n'
    held = hold(read(window), at(25))
    assert held is not None
    assert held.reason == "maintenance m until 2026-11-22 02:00 UTC"
    assert hold(read(window), at(1)) is None


def test_two_windows_of_one_name_are_refused(refuse: Refuse) -> None:
    window = '[[maintenance]]\nname = "m"\nstart = "01:00"\nduration = "1h"\n'
    (found,) = refuse(window + window)
    assert found.startswith(
        "tocsin.toml, line 6, [[maintenance]] m, name: there is another window of that name"
    )
