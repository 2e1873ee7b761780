"""The judgement over signs of life: what is told of is the cause, and not what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from beat_schedule import SHARED
from watchdog.judgement import State, judge, stand_ins, stopped
from watchdog.vitals import Outbox, Vitals

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATE = NOW - timedelta(seconds=31)
WELL = Vitals(
    NOW,
    watched_since=NOW - timedelta(hours=1),
    beat=NOW,
    queues=dict.fromkeys(SHARED, NOW),
    newest_sample=NOW,
    recorder=NOW,
    evaluation=NOW,
    redis_answers=True,
)
SILENT = replace(
    WELL, beat=LATE, queues=dict.fromkeys(SHARED, LATE), newest_sample=LATE, recorder=LATE, evaluation=LATE
)
EVERYTHING = {"chores", "collect", "health", "notify"}


def dead(vitals: Vitals) -> list[str]:
    return [one.part for one in stopped(judge(vitals))]


@pytest.mark.parametrize(
    ("vitals", "parts", "queues"),
    [
        (WELL, [], set()),
        (SILENT, ["beat"], EVERYTHING),
        (replace(SILENT, redis_answers=False), ["redis"], EVERYTHING),
        (replace(WELL, redis_answers=False), [], set()),
        # Collectors hear beat: it is the workers who are gone.
        (
            replace(SILENT, newest_sample=NOW),
            ["queue chores", "queue health", "queue notify"],
            EVERYTHING - {"collect"},
        ),
        # Unless it is ourselves whom they hear.
        (replace(SILENT, newest_sample=NOW, standing_in=frozenset({"collect"})), ["beat"], EVERYTHING),
        # A queue that died first: beat's last tick is not yet old enough to tell.
        (replace(SILENT, beat=NOW - timedelta(seconds=20), newest_sample=None), [], set()),
        (replace(WELL, queues={**WELL.queues, "chores": LATE}, chore_runs=True), [], set()),
        (replace(SILENT, chore_runs=True, standing_in=frozenset(EVERYTHING)), ["beat"], EVERYTHING),
        (replace(WELL, outbox=Outbox(due_since=NOW - timedelta(seconds=61))), ["outbox"], {"notify"}),
        (replace(WELL, outbox=Outbox(due_since=NOW - timedelta(seconds=59))), [], set()),
        (replace(WELL, silent_collectors=("web-1",)), [], set()),
        (replace(WELL, silent_collectors=("web-1",), evaluation=LATE), ["evaluation", "collectors"], set()),
    ],
)
def test_it_names_what_has_stopped_and_for_whom_to_stand_in(
    vitals: Vitals, parts: list[str], queues: set[str]
) -> None:
    assert dead(vitals) == parts
    assert stand_ins(vitals) == queues


@pytest.mark.parametrize(
    "calm",
    [
        {"watched_since": NOW - timedelta(seconds=29)},
        {"calm_since": {"redis": NOW - timedelta(seconds=29)}},
    ],
)
def test_nobody_has_stopped_who_had_no_time_to_begin(calm: dict[str, Any]) -> None:
    assert dead(replace(SILENT, **calm)) == []


def test_every_part_has_a_verdict_with_a_reason_and_what_has_stopped_a_remedy() -> None:
    for vitals in (WELL, SILENT, replace(SILENT, redis_answers=False)):
        verdicts = judge(vitals)
        assert len({one.part for one in verdicts}) == len(verdicts) == 9
        assert all(one.reason for one in verdicts)
        assert all(bool(one.remedy) is (one.state is State.STOPPED) for one in verdicts)


def test_what_was_never_seen_has_stopped_once_somebody_has_watched() -> None:
    never = replace(WELL, queues={**WELL.queues, "chores": None})
    [found] = stopped(judge(never))
    assert found.reason == "nothing that is put into the queue chores has been done yet"
    assert "tocsin worker --queues chores" in found.remedy
