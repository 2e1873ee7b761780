"""Two machines under one name, as clones have it: each keeps the other from being missed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests import samples
from tests.scenarios.stage import TICK, Stage
from worker import stream
from worker.recording import record_waiting

YESTERDAY = samples.BOOT - timedelta(days=1)


def send(stage: Stage, *boots: datetime, together: bool) -> None:
    """A tick of machines that booted then, all called web-1; their samples come in one batch, or alone."""
    for boot in boots:
        sample = samples.system()
        stream.publish(stage.redis, replace(sample, platform=replace(sample.platform, boot_time=boot)))
        if not together:
            record_waiting(stage.engine, stage.redis, stage.policy, consumer="stage")
    record_waiting(stage.engine, stage.redis, stage.policy, consumer="stage")


def play(stage: Stage, *boots: datetime, seconds: int, together: bool = True) -> None:
    for tick in range(seconds // 5):
        send(stage, *boots, together=together)
        if tick % 3 == 0:
            stage.check()
        stage.clock.offset += TICK


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("boots", [(samples.BOOT, YESTERDAY), (YESTERDAY, samples.BOOT)])
def test_two_machines_are_told_of_after_a_minute_and_over_when_one_is_named_anew(
    stage: Stage, boots: tuple[datetime, ...], *, together: bool
) -> None:
    play(stage, *boots, seconds=45, together=together)
    assert stage.heard() == []
    play(stage, *boots, seconds=60, together=together)
    assert stage.heard() == ["WARNING web-1 name"]
    play(stage, boots[0], seconds=150)
    assert stage.heard() == ["RESOLVED web-1 name"]


def test_a_machine_that_boots_anew_is_one(stage: Stage) -> None:
    play(stage, YESTERDAY, seconds=30)
    play(stage, samples.BOOT, seconds=120)
    assert stage.heard() == []


def test_a_reboot_in_the_middle_of_what_waited_is_one(stage: Stage) -> None:
    send(stage, YESTERDAY, YESTERDAY, samples.BOOT, samples.BOOT, together=True)
    play(stage, samples.BOOT, seconds=120)
    assert stage.heard() == []


def test_a_clock_that_is_set_back_makes_no_second_machine(stage: Stage) -> None:
    play(stage, samples.BOOT, seconds=30)
    play(stage, samples.BOOT - timedelta(hours=1), seconds=120)
    play(stage, samples.BOOT - timedelta(hours=1, seconds=5), seconds=120)
    assert stage.heard() == []
