"""Nobody answers: reminders, steps, acknowledgements that hold and that run out."""

from datetime import timedelta

import pytest

from domain.severity import Severity
from policy import Console, Escalation, Step
from policy.matching import Scope
from policy.routes import Route
from tests.scenarios.stage import Stage

WARNING, CRITICAL, OVER = 85, 97, 10


def minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture
def escalating(stage: Stage) -> Stage:
    """Slack at once, the team lead after 15 minutes, the head after 30 and then every 20; no reminders."""
    steps = (Step(minutes(15), ("lead",)), Step(minutes(30), ("head",)))
    escalation = Escalation("on-call", steps, repeat=minutes(20))
    names = {name: Console(name=name) for name in ("lead", "head")}
    stage.with_policy(
        destinations={**stage.policy.destinations, **names},
        routes=(Route(Scope(), ("slack",), escalation),),
        repeat={},
    )
    stage.open_channels()
    return stage


def test_a_critical_that_nobody_acknowledged_is_told_again_every_15_minutes(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=14)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    stage.forward(minutes=2)
    assert len(stage.heard()) == 1
    stage.forward(minutes=16)
    assert len(stage.heard()) == 1


def test_a_warning_is_told_again_after_an_hour(stage: Stage) -> None:
    stage.disk(WARNING)
    stage.forward(minutes=59)
    assert len(stage.heard()) == 1
    stage.forward(minutes=2)
    assert len(stage.heard()) == 1


def test_of_two_alerts_each_has_its_own_reminders_and_whoever_took_one_has_not_taken_the_other(
    stage: Stage,
) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=10)
    stage.disk(CRITICAL, host="web-2")
    assert stage.heard() == ["CRITICAL web-1 disk:/", "CRITICAL web-2 disk:/"]
    stage.forward(minutes=6)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    stage.acknowledge()  # of the newest: web-2
    stage.forward(minutes=12)
    assert stage.heard() == []
    stage.forward(minutes=4)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_an_acknowledgement_stops_the_reminders(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.acknowledge(by="ada")
    stage.heard()
    stage.forward(hours=5)
    assert stage.heard() == []


def test_who_acknowledged_a_warning_has_not_acknowledged_the_critical(stage: Stage) -> None:
    stage.disk(WARNING)
    stage.acknowledge()
    stage.forward(minutes=1)
    stage.disk(CRITICAL)
    stage.forward(minutes=16)
    assert len(stage.heard()) == 3


def test_nobody_acknowledges_and_the_steps_hear_one_after_the_other(escalating: Stage) -> None:
    escalating.disk(CRITICAL)
    assert escalating.told() == ["slack"]
    escalating.forward(minutes=16)
    assert escalating.told() == ["lead"]
    escalating.forward(minutes=10)
    assert escalating.told() == []
    escalating.forward(minutes=5)
    assert escalating.told() == ["head"]


def test_the_last_step_is_repeated(escalating: Stage) -> None:
    escalating.disk(CRITICAL)
    for _ in range(8):
        escalating.forward(minutes=10)
    assert escalating.told() == ["slack", "lead", "head", "head", "head"]


def test_the_last_step_is_repeated_as_often_as_the_policy_says(escalating: Stage) -> None:
    escalation = Escalation("twice", (Step(minutes(15), ("lead",)),), repeat=minutes(10), repeats=2)
    escalating.with_policy(routes=(Route(Scope(), ("slack",), escalation),))
    escalating.disk(CRITICAL)
    for _ in range(9):
        escalating.forward(minutes=10)
    assert escalating.told() == ["slack", "lead", "lead", "lead"]


def test_each_step_is_taken_once_however_often_anybody_looks(escalating: Stage) -> None:
    escalating.disk(CRITICAL)
    escalating.forward(minutes=16)
    for _ in range(5):
        escalating.notify()
    assert escalating.told() == ["slack", "lead"]


def test_steps_that_were_missed_are_taken_in_order(escalating: Stage) -> None:
    """Everything was down for an hour: the steps come one after the other, none is left out."""
    escalating.disk(CRITICAL)
    escalating.clock.forward(minutes=35)
    escalating.notify()
    escalating.notify()
    assert escalating.told() == ["slack", "lead", "head"]


def test_an_acknowledgement_stops_the_steps(escalating: Stage) -> None:
    escalating.disk(CRITICAL)
    escalating.forward(minutes=16)
    escalating.acknowledge(by="ada")
    escalating.forward(hours=3)
    assert escalating.told() == ["slack", "lead"]


def test_a_resolve_stops_the_steps_and_reaches_everybody_who_was_told(escalating: Stage) -> None:
    escalating.disk(CRITICAL)
    escalating.forward(minutes=16)
    escalating.told()
    escalating.disk(OVER)
    assert sorted(escalating.told()) == ["lead", "slack"]
    escalating.forward(hours=3)
    assert escalating.told() == []


def test_an_acknowledgement_that_runs_out_lets_the_policy_go_on(escalating: Stage) -> None:
    """Acknowledged after 5 of 15 minutes; two hours later the remaining 10 minutes count on."""
    escalating.with_policy(acknowledgement_expires=timedelta(hours=2))
    escalating.disk(CRITICAL)
    escalating.forward(minutes=5)
    escalating.acknowledge()
    escalating.forward(minutes=121)
    assert escalating.told() == ["slack"]
    escalating.forward(minutes=8)
    assert escalating.told() == []
    escalating.forward(minutes=3)
    assert escalating.told() == ["lead"]


def test_an_escalation_passes_the_cooldown_of_a_destination_that_was_told(escalating: Stage) -> None:
    escalation = Escalation("again", (Step(minutes(5), ("slack",)),))
    escalating.with_policy(routes=(Route(Scope(), ("slack",), escalation),))
    escalating.disk(CRITICAL)
    escalating.forward(minutes=6)
    assert escalating.told() == ["slack", "slack"]


def test_a_worsened_alert_begins_its_steps_anew(escalating: Stage) -> None:
    escalating.disk(WARNING)
    escalating.forward(minutes=14)
    escalating.disk(CRITICAL)
    escalating.told()
    escalating.forward(minutes=14)
    assert escalating.told() == []
    escalating.forward(minutes=2)
    assert escalating.told() == ["lead"]


def test_an_alert_that_no_route_takes_says_why_nobody_was_told(stage: Stage) -> None:
    only_critical = Scope(severities=frozenset({Severity.CRITICAL}))
    stage.with_policy(routes=(Route(only_critical, ("slack",)),))
    stage.disk(WARNING)
    assert stage.decisions() == [("skip", "no route leads anywhere for it: see tocsin route test")]
