"""A machine that is gone for good, and one that was thought to be."""

import pytest

from tests.scenarios.stage import Stage
from worker import retirement
from worker.retirement import StillSending


def retire(stage: Stage, name: str) -> None:
    with stage.engine.begin() as connection:
        retirement.retire(connection, name, by="ada")
    stage.notify()


def gone(stage: Stage) -> None:
    """web-1 falls silent, and people are told; web-2 goes on."""
    stage.alive("web-1", "web-2", seconds=30)
    stage.alive("web-2", seconds=30)
    assert stage.heard() == ["CRITICAL web-1 host silent for"]


def test_its_alerts_end_and_nobody_is_told_of_its_silence_again(stage: Stage) -> None:
    gone(stage)
    retire(stage, "web-1")
    assert stage.heard() == ["RESOLVED web-1 host heard"]
    assert stage.reasons()[-1] == "ada ended it by hand: web-1 is retired"
    over = stage.events()
    stage.alive("web-2", seconds=60)
    # Nothing opens anew, whoever would be told of it after the cooldown.
    assert stage.events() == over


def test_one_that_sends_again_is_watched_again(stage: Stage) -> None:
    gone(stage)
    retire(stage, "web-1")
    stage.heard()
    stage.clock.forward(minutes=20)
    stage.alive("web-1", "web-2", seconds=30)
    stage.alive("web-2", seconds=30)
    assert stage.heard() == ["CRITICAL web-1 host silent for"]


def test_one_that_is_still_sending_cannot_be_retired(stage: Stage) -> None:
    stage.alive("web-1", seconds=30)
    with pytest.raises(StillSending, match="its newest sample is 5 s old"):
        retire(stage, "web-1")
