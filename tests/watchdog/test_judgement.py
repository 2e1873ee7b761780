"""The judgement over signs of life: what is told of is the cause, and not what follows from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.cadence import HEARTBEAT_INTERVAL
from domain.queues import SHARED
from watchdog.judgement import judge, next_look, stand_ins
from watchdog.limits import DEAD_AFTER, EVERY, SOONEST, TO_TELL
from watchdog.verdict import State, Verdict, stopped
from watchdog.vitals import Outbox, Vitals

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATE = NOW - timedelta(seconds=26)
WELL = Vitals(
    NOW,
    watched_since=NOW - timedelta(hours=1),
    beat=NOW,
    queues=dict.fromkeys(SHARED, NOW),
    newest_sample=NOW,
    recorder=NOW,
    evaluation=NOW,
    outbox=Outbox(swept_at=NOW),
    redis_answers=True,
)


def last_seen(at: datetime) -> Vitals:
    """Every part gave its last sign of life then."""
    signs = dict.fromkeys(("beat", "newest_sample", "recorder", "evaluation"), at)
    return replace(WELL, **signs, queues=dict.fromkeys(SHARED, at), outbox=Outbox(swept_at=at))  # type: ignore[arg-type] # moments


SILENT = last_seen(LATE)
DUMB = replace(WELL, queues={**WELL.queues, "notify": LATE})
EVERYTHING = {"chores", "collect", "health", "notify"}


def outbox(**found: Any) -> Outbox:
    return Outbox(**{"swept_at": NOW, **found})


def dead(vitals: Vitals) -> list[str]:
    return [one.part for one in stopped(judge(vitals))]


@pytest.mark.parametrize(
    ("vitals", "parts", "queues"),
    [
        (WELL, [], set()),
        (SILENT, ["beat"], EVERYTHING),
        (replace(SILENT, redis_answers=False), ["redis"], EVERYTHING),
        (replace(WELL, redis_answers=False), [], set()),
        # Some tasks were at work when it died, and their ends are younger.
        (replace(WELL, recorder=LATE, redis_answers=False), ["redis"], set()),
        # Collectors hear beat: it is the workers who are gone.
        (
            replace(SILENT, newest_sample=NOW),
            ["queue chores", "queue health", "queue notify"],
            EVERYTHING - {"collect"},
        ),
        # Unless it is ourselves whom they hear.
        (replace(SILENT, newest_sample=NOW, standing_in=frozenset({"collect"})), ["beat"], EVERYTHING),
        # All stopped at once, and beat gave its last sign just before: which of them it was is not known yet.
        (replace(SILENT, beat=NOW - timedelta(seconds=14), newest_sample=None), [], set()),
        (replace(WELL, evaluation=LATE, beat=NOW - timedelta(seconds=12), newest_sample=None), [], set()),
        # Beat has gone on for so long after it that it is not the cause.
        (
            replace(WELL, evaluation=LATE, beat=NOW - timedelta(seconds=11), newest_sample=None),
            ["evaluation"],
            set(),
        ),
        # So does one that stopped long before a beat that is only late so far.
        (
            replace(
                WELL,
                beat=NOW - timedelta(seconds=20),
                newest_sample=None,
                queues={**WELL.queues, "notify": NOW - timedelta(seconds=60)},
            ),
            ["queue notify"],
            {"notify"},
        ),
        (
            replace(WELL, evaluation=LATE, queues={**WELL.queues, "health": NOW - timedelta(seconds=12)}),
            [],
            set(),
        ),
        # A queue that died first: beat's last tick is not yet old enough to tell.
        (replace(SILENT, beat=NOW - timedelta(seconds=20), newest_sample=None), [], set()),
        (replace(WELL, queues={**WELL.queues, "chores": LATE}, chore_runs=True), [], set()),
        # Only chores may keep others of their queue waiting.
        (replace(DUMB, chore_runs=True), ["queue notify"], {"notify"}),
        # A clock that was set back: signs from the future are none.
        (
            replace(WELL, beat=NOW + timedelta(hours=1), newest_sample=NOW + timedelta(hours=1)),
            ["beat"],
            {"collect"},
        ),
        (replace(SILENT, chore_runs=True, standing_in=frozenset(EVERYTHING)), ["beat"], EVERYTHING),
        (replace(WELL, outbox=outbox(due_since=NOW - timedelta(seconds=61))), ["outbox"], {"notify"}),
        (replace(WELL, outbox=outbox(due_since=NOW - timedelta(seconds=59))), [], set()),
        (replace(WELL, outbox=outbox(unplanned_since=LATE)), ["outbox"], {"notify"}),
        (replace(WELL, outbox=outbox(swept_at=LATE)), ["outbox"], set()),
        (replace(WELL, outbox=outbox(swept_at=LATE, sending=True)), [], set()),
        # What waits because its queue is dead is sent by ourselves, and told of only if that does not help.
        (replace(DUMB, outbox=outbox(unplanned_since=LATE)), ["queue notify"], {"notify"}),
        (
            replace(DUMB, outbox=outbox(unplanned_since=NOW - timedelta(seconds=61))),
            ["queue notify", "outbox"],
            {"notify"},
        ),
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
        {"watched_since": NOW - timedelta(seconds=39)},
        {"watched_since": None, "beat_since": NOW - timedelta(seconds=39)},
        {"calm_since": {"redis": NOW - timedelta(seconds=39)}},
    ],
)
def test_nobody_has_stopped_who_had_no_time_to_begin(calm: dict[str, Any]) -> None:
    assert dead(replace(SILENT, **calm)) == []


def test_a_part_is_alive_for_as_long_as_it_may_be_silent() -> None:
    on_the_edge = last_seen(NOW - DEAD_AFTER)
    assert dead(on_the_edge) == []
    assert {one.state for one in judge(on_the_edge)} == {State.ALIVE}


def test_an_empty_database_is_one_in_which_everything_has_stopped() -> None:
    """Nobody knows since when, so there is nothing to wait for."""
    nothing = Vitals(NOW, queues=dict.fromkeys(SHARED))
    assert dead(nothing) == ["beat"]
    assert stand_ins(nothing) == EVERYTHING
    assert next_look(nothing) == EVERY


def test_every_part_has_a_verdict_with_a_reason_and_what_has_stopped_a_remedy() -> None:
    for vitals in (WELL, SILENT, replace(SILENT, redis_answers=False)):
        verdicts = judge(vitals)
        assert len({one.part for one in verdicts}) == len(verdicts) == 9
        assert all(one.reason for one in verdicts)
        assert all(bool(one.remedy) is (one.state is State.STOPPED) for one in verdicts)


def verdicts(vitals: Vitals) -> dict[str, Verdict]:
    return {one.part: one for one in judge(vitals)}


@pytest.mark.parametrize(
    ("vitals", "part", "state", "words"),
    [
        (WELL, "redis", State.ALIVE, "it answers"),
        (replace(WELL, beat=NOW - timedelta(seconds=3)), "beat", State.ALIVE, "last seen at work 3 s ago"),
        (replace(WELL, redis_answers=False), "redis", State.UNKNOWN, "it does not answer at this moment"),
        (
            replace(SILENT, newest_sample=NOW),
            "beat",
            State.ALIVE,
            "collectors hear its ticks, though no worker does",
        ),
        (
            replace(SILENT, calm_since={"redis": NOW - timedelta(seconds=39)}),
            "beat",
            State.UNKNOWN,
            "it has just begun to work, or is about to",
        ),
        # Who is the cause is told of, and whoever depends on it says so.
        (SILENT, "recorder", State.UNKNOWN, "it cannot work, because of beat"),
        (SILENT, "outbox", State.UNKNOWN, "it cannot work, because of beat"),
        (
            replace(WELL, recorder=LATE, beat=LATE, redis_answers=False),
            "beat",
            State.UNKNOWN,
            "it cannot work, because of redis",
        ),
        (
            replace(
                WELL,
                evaluation=NOW - timedelta(minutes=2),
                queues={**WELL.queues, "health": NOW - timedelta(minutes=1)},
            ),
            "evaluation",
            State.UNKNOWN,
            "it cannot work, because of queue health",
        ),
        (
            replace(DUMB, outbox=outbox(swept_at=NOW - timedelta(minutes=1))),
            "outbox",
            State.UNKNOWN,
            "it cannot work, because of queue notify",
        ),
        (replace(WELL, queues={**WELL.queues, "notify": LATE}), "queue notify", State.STOPPED, "for 26 s"),
        (WELL, "collectors", State.ALIVE, "a host that falls silent has an alert of its own"),
        (
            replace(WELL, evaluation=LATE, silent_collectors=("a", "b", "c")),
            "collectors",
            State.STOPPED,
            "no sample comes from a, b, c, and no alert tells of it",
        ),
        (
            replace(WELL, evaluation=LATE, silent_collectors=("a", "b", "c", "d")),
            "collectors",
            State.STOPPED,
            "no sample comes from a, b, c and 1 more, and no alert tells of it",
        ),
        (
            replace(WELL, buttons_awaited=True, buttons=NOW),
            "buttons",
            State.ALIVE,
            "presses of buttons in Slack are heard",
        ),
        (
            replace(WELL, buttons_awaited=True, watched_since=NOW - timedelta(seconds=75)),
            "buttons",
            State.UNKNOWN,
            "it has just begun to listen, or is about to",
        ),
    ],
)
def test_a_verdict_says_how_a_part_is_and_why(vitals: Vitals, part: str, state: State, words: str) -> None:
    found = verdicts(vitals)[part]
    assert found.state is state
    assert words in found.reason


def test_where_nobody_asked_redis_nothing_is_said_of_it() -> None:
    assert "redis" not in verdicts(replace(WELL, redis_answers=None))


def test_what_has_stopped_is_said_with_what_to_do() -> None:
    assert str(verdicts(DUMB)["queue notify"]) == (
        "nothing that is put into the queue notify has been done for 26 s; "
        "start tocsin worker, or start the one anew that hangs"
    )
    assert str(verdicts(WELL)["redis"]) == "it answers"


def test_what_was_never_seen_has_stopped_once_somebody_has_watched() -> None:
    never = replace(WELL, queues={**WELL.queues, "chores": None})
    [found] = stopped(judge(never))
    assert found.reason == "nothing that is put into the queue chores has been done yet"
    assert "tocsin worker --queues chores" in found.remedy


@pytest.mark.parametrize("first_look_s", [0, 0.3, 1, 2.2, 3.7, 4.9])
def test_a_part_that_stops_at_the_worst_moment_is_told_of_within_two_intervals(first_look_s: float) -> None:
    at = NOW + timedelta(seconds=first_look_s)
    while not dead(vitals := replace(WELL, at=at, queues=seen(at), **now(at))):
        at += next_look(vitals)
    assert DEAD_AFTER < at - NOW <= DEAD_AFTER + SOONEST
    assert at - NOW + TO_TELL - SOONEST <= 2 * HEARTBEAT_INTERVAL


def test_while_it_is_not_known_who_has_stopped_it_looks_again_at_once() -> None:
    undecided = replace(SILENT, beat=NOW - timedelta(seconds=14), newest_sample=None)
    assert next_look(undecided) == SOONEST


def test_while_all_is_well_it_looks_every_five_seconds() -> None:
    assert next_look(WELL) == next_look(SILENT) == EVERY


def test_buttons_are_judged_where_they_are_shown() -> None:
    assert dead(replace(WELL, buttons_awaited=True)) == ["buttons"]
    assert dead(replace(WELL, buttons_awaited=True, buttons=NOW - timedelta(seconds=59))) == []
    [found] = stopped(judge(replace(WELL, buttons_awaited=True, buttons=NOW - timedelta(minutes=5))))
    assert found.reason == "nobody hears the buttons in Slack for 5 min"
    assert found.remedy.startswith("start tocsin buttons")


def seen(at: datetime) -> dict[str, datetime]:
    """The queues are worked on, but chores since NOW no more."""
    return {**dict.fromkeys(SHARED, at), "chores": NOW}


def now(at: datetime) -> dict[str, Any]:
    """Everything else has just given its sign."""
    parts = dict.fromkeys(("beat", "newest_sample", "recorder", "evaluation"), at)
    return {**parts, "outbox": Outbox(swept_at=at)}
