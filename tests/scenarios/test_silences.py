"""Silences, maintenance, quiet hours and flapping: who is left in peace, and what is told afterwards."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert

from domain.severity import Severity
from models import Silence
from policy.matching import Scope
from policy.windows import Maintenance, Once, QuietHours, Recurring
from tests.scenarios.stage import Stage

WARNING, CRITICAL, OVER = 85, 97, 10


def silence(stage: Stage, *, minutes: int, **matchers: Any) -> None:
    """Ada silences what matches from now on."""
    now = stage.now()
    with stage.engine.begin() as connection:
        connection.execute(
            insert(Silence).values(
                starts_at=now,
                ends_at=now + timedelta(minutes=minutes),
                matchers=matchers,
                created_by="ada",
                reason="new disks",
            )
        )


def test_a_silence_keeps_people_in_peace_and_history_complete(stage: Stage) -> None:
    silence(stage, minutes=60, hosts=["web-*"])
    stage.disk(CRITICAL)
    stage.disk(OVER)
    assert stage.heard() == []
    assert stage.events() == ["opened", "resolved"]
    assert stage.decisions()[0][0] == "hold"
    assert "silence 1 by ada (new disks) until" in stage.decisions()[0][1]


def test_what_still_fires_when_the_silence_ends_is_announced_once(stage: Stage) -> None:
    silence(stage, minutes=60)
    stage.disk(CRITICAL)
    stage.forward(minutes=59)
    assert stage.heard() == []
    stage.forward(minutes=2)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    stage.forward(minutes=5)
    assert stage.heard() == []


def test_what_ended_within_the_silence_is_never_told(stage: Stage) -> None:
    silence(stage, minutes=60)
    stage.disk(CRITICAL)
    stage.forward(minutes=10)
    stage.disk(OVER)
    stage.forward(hours=2)
    assert stage.heard() == []


def test_the_end_of_what_was_told_before_the_silence_is_told(stage: Stage) -> None:
    stage.disk(CRITICAL)
    silence(stage, minutes=60)
    stage.forward(minutes=10)
    stage.disk(OVER)
    assert stage.heard() == ["CRITICAL web-1 disk:/", "RESOLVED web-1 disk:/"]


def test_a_silence_is_about_what_it_matches_and_nothing_else(stage: Stage) -> None:
    silence(stage, minutes=60, hosts=["web-*"], severities=["warning"])
    stage.disk(WARNING, host="web-1")
    stage.disk(CRITICAL, host="web-2")
    stage.disk(WARNING, host="db-1")
    assert stage.heard() == ["CRITICAL web-2 disk:/", "WARNING db-1 disk:/"]


def test_a_silence_that_is_set_after_planning_still_holds_what_was_not_sent(stage: Stage) -> None:
    stage.plan_after(disks={"/": CRITICAL})
    silence(stage, minutes=60)
    stage.deliver()
    assert stage.heard() == []
    stage.forward(minutes=61)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_nobody_is_reminded_within_a_silence(stage: Stage) -> None:
    stage.disk(CRITICAL)
    silence(stage, minutes=60)
    stage.heard()
    stage.forward(minutes=30)
    assert stage.heard() == []
    stage.forward(minutes=31)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_maintenance_of_the_file_holds_like_a_silence(stage: Stage) -> None:
    span = Once(stage.now(), stage.now() + timedelta(hours=1))
    stage.with_policy(maintenance=(Maintenance("move", span, Scope(hosts=("web-*",))),))
    stage.disk(CRITICAL)
    assert stage.heard() == []
    assert "maintenance move until" in stage.decisions()[0][1]
    stage.forward(minutes=61)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_a_warning_waits_for_the_end_of_quiet_hours_and_a_critical_does_not(stage: Stage) -> None:
    stage.at(datetime(2027, 3, 2, 3, 0, tzinfo=UTC))
    stage.with_policy(quiet_hours=QuietHours(Recurring(time(22, 0), timedelta(hours=9))))
    stage.disk(WARNING, host="web-1")
    stage.disk(CRITICAL, host="web-2")
    assert stage.heard() == ["CRITICAL web-2 disk:/"]
    stage.with_policy(repeat={})
    stage.forward(hours=3, minutes=59)
    assert stage.heard() == []
    stage.forward(minutes=2)
    assert stage.heard() == ["WARNING web-1 disk:/"]


def test_the_fifth_change_within_the_cooldown_is_flapping_and_said_once(stage: Stage) -> None:
    for percent in (WARNING, OVER, WARNING, OVER, WARNING, OVER, WARNING):
        stage.disk(percent)
        stage.forward(minutes=1)
    heard = stage.heard()
    assert heard[:2] == ["WARNING web-1 disk:/", "RESOLVED web-1 disk:/"]
    assert len(heard) == 3
    assert stage.events().count("flapping") == 1


def test_when_flapping_ends_it_is_said_once(stage: Stage) -> None:
    for percent in (WARNING, OVER, WARNING, OVER, WARNING, OVER):
        stage.disk(percent)
    stage.heard()
    stage.forward(minutes=14)
    assert stage.heard() == []
    stage.forward(minutes=2)
    assert len(stage.heard()) == 1
    assert stage.events()[-1] == "settled"
    stage.forward(hours=3)
    assert stage.heard() == []


def test_a_flapping_alert_that_comes_to_rest_firing_is_resolved_to_those_told(stage: Stage) -> None:
    for percent in (WARNING, OVER, WARNING, OVER, WARNING):
        stage.disk(percent)
    stage.forward(minutes=16)
    stage.heard()
    stage.disk(OVER)
    assert stage.heard() == ["RESOLVED web-1 disk:/"]


def test_a_critical_that_stays_has_stopped_flapping_after_five_minutes(stage: Stage) -> None:
    for percent in (WARNING, OVER, WARNING, OVER, CRITICAL):
        stage.disk(percent)
    stage.heard()
    stage.forward(minutes=6)
    assert len(stage.heard()) == 1
    assert Severity.CRITICAL.value in stage.reasons()[-1]
