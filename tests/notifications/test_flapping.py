"""When an incident flaps, and when it has come to rest."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.severity import Severity
from notifications import flapping

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WINDOW = timedelta(minutes=15)


def ago(*minutes: float) -> list[datetime]:
    return [NOW - timedelta(minutes=number) for number in minutes]


def test_more_than_four_changes_within_the_cooldown_are_flapping() -> None:
    assert flapping.begins(ago(9, 7, 5, 3), window=WINDOW, now=NOW) is None
    assert flapping.begins(ago(9, 7, 5, 3, 1), window=WINDOW, now=NOW) == (
        "it changed 5 times within 15 minutes; the next change is kept quiet"
    )


def test_a_change_as_old_as_the_cooldown_counts_no_more() -> None:
    assert flapping.begins(ago(15, 7, 5, 3, 1), window=WINDOW, now=NOW) is None
    assert flapping.begins(ago(14.9, 7, 5, 3, 1), window=WINDOW, now=NOW)


@pytest.mark.parametrize(
    ("firing", "minutes", "said"),
    [
        (None, 14.9, None),
        (None, 15, "it has not changed for 15 minutes: over"),
        (Severity.WARNING, 14.9, None),
        (Severity.WARNING, 15, "it has not changed for 15 minutes: firing, warning"),
        # A critical that stays matters, and sooner.
        (Severity.CRITICAL, 4.9, None),
        (Severity.CRITICAL, 5, "it has not changed for 5 minutes: firing, critical"),
    ],
)
def test_it_has_come_to_rest_when_nothing_changed_for_long_enough(
    firing: Severity | None, minutes: float, said: str | None
) -> None:
    [last] = ago(minutes)
    assert flapping.is_over(last, firing, window=WINDOW, now=NOW) == said


def test_with_a_short_cooldown_a_critical_needs_no_longer_than_that() -> None:
    assert flapping.steady_for(Severity.CRITICAL, window=timedelta(minutes=2)) == timedelta(minutes=2)
