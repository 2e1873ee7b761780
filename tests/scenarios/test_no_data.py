"""A host that falls silent, and a monitor that must not mistake its own rest for a host's death."""

from tests.scenarios.stage import Stage
from tests.standins.slack_view import shown

CRITICAL, OVER = 97, 10


def test_a_host_that_falls_silent_is_told_once_and_resolves_when_it_speaks(stage: Stage) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    stage.alive("web-2", seconds=30)
    assert stage.heard() == ["CRITICAL web-1 host silent for"]
    stage.alive("web-1", "web-2", seconds=20)
    assert stage.heard() == ["RESOLVED web-1 host heard"]


def test_a_host_is_unknown_after_three_intervals_and_not_before(stage: Stage) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    stage.alive("web-2", seconds=10)
    assert stage.statuses("web-1")[-1] == "healthy"
    stage.alive("web-2", seconds=20)
    assert stage.statuses("web-1")[-1] == "unknown"


def test_other_alerts_of_a_silent_host_wait(stage: Stage) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    stage.disk(CRITICAL, host="web-1")
    stage.alive("web-2", seconds=60)
    assert sorted(stage.heard()) == ["CRITICAL web-1 disk:/", "CRITICAL web-1 host silent for"]


def test_when_nobody_records_one_alert_says_so_and_not_one_per_host(stage: Stage) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    for _ in range(4):
        stage.clock.forward(seconds=15)
        stage.check()
    assert stage.heard() == ["CRITICAL tocsin recorder silent for"]


def test_after_a_pause_of_the_whole_machine_nobody_is_taken_for_dead(stage: Stage) -> None:
    stage.alive("web-1", seconds=30)
    stage.clock.forward(seconds=25)
    stage.check()
    stage.alive("web-1", seconds=30)
    assert stage.heard() == []


def test_a_watchdog_that_falls_silent_is_told_once_and_resolves_when_it_looks_again(stage: Stage) -> None:
    stage.alive("web-1", seconds=30)
    stage.watchdog_looks()
    stage.alive("web-1", seconds=60)
    assert stage.heard() == []
    stage.alive("web-1", seconds=60)
    assert "unknown" not in shown(stage.slack.posts[-1].message)
    assert stage.heard() == ["WARNING tocsin watchdog silent for"]
    stage.watchdog_looks()
    stage.alive("web-1", seconds=15)
    assert stage.heard() == ["RESOLVED tocsin watchdog heard"]


def test_nobody_waits_for_a_watchdog_that_was_never_there(stage: Stage) -> None:
    stage.alive("web-1", seconds=120)
    assert stage.heard() == []


def test_after_a_night_off_the_watchdog_gets_time_to_begin(stage: Stage) -> None:
    stage.alive("web-1", seconds=30)
    stage.watchdog_looks()
    stage.clock.forward(hours=8)
    stage.alive("web-1", seconds=45)
    stage.watchdog_looks()
    stage.alive("web-1", seconds=45)
    assert stage.heard() == []


def test_after_a_night_off_nobody_is_taken_for_dead(stage: Stage) -> None:
    """Tocsin itself was stopped: the hosts fell silent for it only."""
    stage.alive("web-1", seconds=30)
    stage.clock.forward(hours=8)
    stage.check()
    stage.alive("web-1", seconds=30)
    assert stage.heard() == []
