"""Slots: the time that a sample is filed under."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from domain.cadence import SAMPLE_INTERVAL, slot

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def test_a_tick_that_comes_a_hair_early_or_late_belongs_to_its_slot() -> None:
    for jitter in (-40, 0, 40, 2000):
        assert slot(NOON + timedelta(milliseconds=jitter), SAMPLE_INTERVAL) == NOON


def test_a_slot_is_in_utc_wherever_the_time_came_from() -> None:
    lord_howe = timezone(timedelta(hours=10, minutes=30))
    assert slot(NOON.astimezone(lord_howe), SAMPLE_INTERVAL) == NOON
    assert slot(NOON.astimezone(lord_howe), SAMPLE_INTERVAL).tzinfo is UTC


@given(TIMES)
def test_every_time_has_the_slot_next_to_it(at: datetime) -> None:
    found = slot(at, SAMPLE_INTERVAL)
    assert abs(found - at) <= SAMPLE_INTERVAL / 2 + timedelta(milliseconds=1)
    assert found.timestamp() % 5 == 0
    assert slot(found, SAMPLE_INTERVAL) == found
