"""The ledger of chores: a tick once, one at a time, and every run written down."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from models import Heartbeat, TaskMinute, TaskRun
from tests.moving_clock import MovingClock
from worker.ledger import Run, enter_frequent, keep
from worker.rollups import Rolled
from worker.tasks.arguments import Refused

TICK = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
WITHIN = 10


def runs(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(TaskRun.__table__).order_by(TaskRun.id)).mappings())


def told(result: Any) -> dict[str, Any]:
    """A result without how long it took, which is part of every one."""
    return {name: value for name, value in result.items() if name != "took_s" or value < 0}


def test_a_run_is_written_down_with_its_result(engine: Engine) -> None:
    assert told(keep(engine, Run("chore", "ada", {"days": 2}), lambda: {"rows": 3}).result) == {"rows": 3}
    (run,) = runs(engine)
    assert (run["origin"], run["outcome"], run["arguments"]) == ("ada", "done", {"days": 2})
    assert told(run["result"]) == {"rows": 3}
    assert run["finished_at"] >= run["started_at"]


def test_a_tick_runs_once_however_many_beats_ask(engine: Engine) -> None:
    numbers = iter(range(3))
    answers = [
        keep(engine, Run("chore", "beat", {}, TICK), lambda: {"n": next(numbers)}).result for _ in range(3)
    ]
    assert told(answers[0]) == {"n": 0}
    assert next(numbers) == 1
    assert answers[1] == answers[2] == {"skipped": "chore has run for the tick of 2026-03-01 03:00 UTC"}
    assert len(runs(engine)) == 1


def test_what_runs_by_hand_may_run_again(engine: Engine) -> None:
    for _ in range(2):
        keep(engine, Run("chore", "ada", {}), dict)
    assert [run["outcome"] for run in runs(engine)] == ["done", "done"]


def test_a_message_that_is_delivered_twice_is_done_once(engine: Engine) -> None:
    answers = [keep(engine, Run("chore", "ada", {}, task_id="a1"), dict) for _ in range(2)]
    assert [answer.outcome for answer in answers] == ["done", "skipped"]
    assert answers[1].result == {"skipped": "chore has run for this very request, which was delivered twice"}
    assert len(runs(engine)) == 1


def test_a_message_whose_runner_died_is_taken_up_again(engine: Engine) -> None:
    row = {"task": "chore", "task_id": "a1", "started_at": TICK, "origin": "ada", "outcome": "running"}
    with engine.begin() as connection:
        connection.execute(insert(TaskRun).values(row | {"arguments": {}}))
    assert keep(engine, Run("chore", "ada", {}, task_id="a1"), dict).outcome == "done"
    assert [run["outcome"] for run in runs(engine)] == ["done"]


def test_what_others_are_at_and_what_has_ended_is_left_as_it_is(engine: Engine) -> None:
    """Only what is entered as running of the same task has died: whoever runs it holds its lock."""
    about: dict[str, Any] = {"started_at": TICK, "origin": "beat", "arguments": {}}
    rows: list[dict[str, Any]] = [
        {"task": "other", "outcome": "running", "tick": TICK},
        {"task": "chore", "outcome": "failed", "tick": TICK},
        {"task": "chore", "outcome": "running", "tick": None},
    ]
    with engine.begin() as connection:
        connection.execute(insert(TaskRun), [about | row for row in rows])
    keep(engine, Run("chore", "ada", {"days": 1}), dict)
    found = [(run["task"], run["outcome"], run["error"]) for run in runs(engine)]
    assert found == [
        ("other", "running", None),
        ("chore", "failed", None),
        ("chore", "failed", "its process died"),
        ("chore", "done", None),
    ]


def test_minutes_are_added_up(engine: Engine) -> None:
    with engine.begin() as connection:
        for seconds, error in ((0.1, None), (0.3, "away"), (0.2, None)):
            enter_frequent(connection, "often", seconds, {}, error=error)
        minutes = list(connection.execute(select(TaskMinute.__table__)).mappings())
    # Two, when they were written at the turn of a minute.
    assert len(minutes) <= 2
    assert sum(one["runs"] for one in minutes) == 3
    assert sum(one["failed"] for one in minutes) == 1
    assert [one["last_error"] for one in minutes if one["failed"]] == ["away"]
    assert sum(one["total_ms"] for one in minutes) == pytest.approx(600)
    assert max(one["longest_ms"] for one in minutes) == pytest.approx(300)


def test_a_run_is_a_sign_of_life_of_what_it_came_through(engine: Engine) -> None:
    with engine.begin() as connection:
        enter_frequent(connection, "often", 0.1, {"beat": {}, "queue:health": {"n": 1}})
        first = {row.component: row for row in connection.execute(select(Heartbeat.__table__))}
        enter_frequent(connection, "often", 0.1, {"beat": {}, "queue:health": {"n": 2}})
        second = {row.component: row for row in connection.execute(select(Heartbeat.__table__))}
    assert set(first) == set(second) == {"beat", "queue:health"}
    assert second["beat"].at > first["beat"].at
    assert second["beat"].since == first["beat"].since
    assert second["queue:health"].detail == {"n": 2}


@pytest.mark.parametrize("minutes", [10, -30])
def test_after_a_silence_or_a_clock_that_was_set_back_a_part_has_begun_anew(
    engine: Engine, clock: MovingClock, minutes: int
) -> None:
    for _ in range(2):
        with engine.begin() as connection:
            enter_frequent(connection, "often", 0.1, {"beat": {}})
        clock.forward(minutes=minutes)
    with engine.connect() as connection:
        [beat] = connection.execute(select(Heartbeat.__table__)).all()
    assert beat.since == beat.at


def test_what_went_wrong_is_kept_to_its_first_500_characters(engine: Engine) -> None:
    with engine.begin() as connection:
        enter_frequent(connection, "often", 0.1, {}, error="x" * 600)
        assert connection.execute(select(TaskMinute.last_error)).scalar_one() == "x" * 500


def test_a_tick_that_is_tried_again_shows_nothing_of_its_failure_while_it_runs(engine: Engine) -> None:
    def fail() -> None:
        raise ValueError("no such window")

    def look() -> dict[str, Any]:
        (run,) = runs(engine)
        assert (run["outcome"], run["error"], run["finished_at"]) == ("running", None, None)
        return {}

    with pytest.raises(ValueError, match="no such window"):
        keep(engine, Run("chore", "beat", {}, TICK), fail)
    keep(engine, Run("chore", "ada", {}, TICK), look)
    (run,) = runs(engine)
    assert (run["outcome"], run["error"], run["origin"]) == ("done", None, "ada")


def test_the_second_at_once_is_told_who_runs_since_when(engine: Engine) -> None:
    begun, end = threading.Event(), threading.Event()

    def work() -> dict[str, Any]:
        begun.set()
        assert end.wait(WITHIN)
        return {}

    keep(engine, Run("chore", "bob", {}), dict)
    cron = {"task": "other", "started_at": TICK, "origin": "cron", "outcome": "running", "arguments": {}}
    with engine.begin() as connection:
        connection.execute(insert(TaskRun), [cron])
    first = threading.Thread(target=keep, args=(engine, Run("chore", "beat", {}, TICK), work))
    first.start()
    assert begun.wait(WITHIN)
    answer = keep(engine, Run("chore", "ada", {}), dict).result
    end.set()
    first.join()
    assert answer["skipped"].startswith("running since ")
    assert answer["skipped"].endswith(" by beat")
    mine = [run for run in runs(engine) if run["task"] == "chore"]
    assert sorted(run["outcome"] for run in mine) == ["done", "done", "skipped"]
    assert all(run["finished_at"] for run in mine)


def test_other_chores_do_not_wait(engine: Engine) -> None:
    answer = keep(
        engine, Run("one", "ada", {}), lambda: keep(engine, Run("two", "ada", {}), lambda: {"ran": 1}).result
    )
    assert told(answer.result) == {"ran": 1}


def test_a_failure_is_written_down_and_raised(engine: Engine) -> None:
    def work() -> dict[str, Any]:
        raise ValueError("no such window")

    with pytest.raises(ValueError, match="no such window"):
        keep(engine, Run("chore", "beat", {}, TICK), work)
    (run,) = runs(engine)
    assert (run["outcome"], run["error"]) == ("failed", "ValueError: no such window")


def test_who_knows_the_outcome_is_quoted_without_the_name_of_the_error(engine: Engine) -> None:
    def work() -> dict[str, Any]:
        raise Refused("to: there is no destination 'slakc'")

    with pytest.raises(Refused):
        keep(engine, Run("chore", "ada", {}), work)
    (run,) = runs(engine)
    assert (run["outcome"], run["error"]) == ("refused", "to: there is no destination 'slakc'")


def test_a_result_says_rows_and_window_and_how_long_it_took(engine: Engine) -> None:
    rolled = Rolled("hour", 2, 2, 7, 0, 0, first="hour one", last="hour two")
    result = keep(engine, Run("chore", "ada", {}), lambda: rolled).result
    assert (result["rows"], result["window"]) == (7, "hour one to hour two")
    assert result["took_s"] >= 0


def test_a_tick_whose_runner_died_is_taken_up_again(engine: Engine) -> None:
    """Killed in the middle: the row says running, but nobody holds the lock."""
    with engine.begin() as connection:
        connection.execute(
            insert(TaskRun).values(
                task="chore", tick=TICK, started_at=TICK, origin="beat", outcome="running", arguments={}
            )
        )
    assert keep(engine, Run("chore", "beat", {}, TICK), lambda: {"rows": 1}).outcome == "done"
    assert [run["outcome"] for run in runs(engine)] == ["done"]
