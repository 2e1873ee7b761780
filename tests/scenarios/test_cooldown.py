"""The laws of the cooldown, each as a scene."""

from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer

WARNING, CRITICAL, OVER = 85, 97, 10


def test_a_breach_is_told_once_while_it_lasts(stage: Stage) -> None:
    stage.lasts(minutes=5, disks={"/": WARNING})
    assert stage.heard() == ["WARNING web-1 disk:/"]


def test_a_single_busy_tick_wakes_nobody(stage: Stage) -> None:
    stage.lasts(minutes=1, cpu_percent=10.0)
    stage.lasts(seconds=5, cpu_percent=99.0)
    stage.lasts(minutes=1, cpu_percent=10.0)
    assert stage.heard() == []


def test_a_warning_that_turns_critical_says_so_at_once(stage: Stage) -> None:
    stage.disk(WARNING)
    assert stage.heard() == ["WARNING web-1 disk:/"]
    stage.forward(minutes=1)
    stage.disk(CRITICAL)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    assert stage.decisions()[-1] == ("send", "a rise to critical passes at once")


def test_a_critical_that_eases_is_not_told_within_the_cooldown(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    stage.disk(WARNING)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    verdict, reason = stage.decisions()[-1]
    assert verdict == "hold"
    assert reason.startswith("a critical of it was delivered here at ")


def test_what_eased_is_told_when_the_cooldown_ends(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    stage.disk(WARNING)
    stage.heard()
    stage.forward(minutes=13)
    assert stage.heard() == []
    stage.forward(minutes=2)
    assert stage.heard() == ["WARNING web-1 disk:/"]


def test_critical_warning_critical_within_the_cooldown_is_one_message(stage: Stage) -> None:
    for percent in (CRITICAL, WARNING, CRITICAL):
        stage.disk(percent)
        stage.forward(minutes=1)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_a_resolve_passes_at_once_to_whoever_was_told(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    stage.disk(OVER)
    assert stage.heard() == ["CRITICAL web-1 disk:/", "RESOLVED web-1 disk:/"]


def test_a_warning_that_resolves_before_it_was_sent_is_withdrawn(stage: Stage) -> None:
    stage.slack.script.append(answer(503))
    stage.disk(WARNING)
    stage.disk(OVER)
    stage.forward(minutes=30)
    assert stage.heard() == []
    assert stage.decisions()[-1] == ("skip", "a warning that ended before it could be told is withdrawn")
    assert [state for _, state in stage.outbox()] == ["superseded"]


def test_a_critical_that_resolves_before_it_was_sent_is_told_once_as_over(stage: Stage) -> None:
    stage.slack.script.append(answer(503))
    stage.disk(CRITICAL)
    stage.disk(OVER)
    stage.forward(minutes=30)
    assert stage.heard() == ["RESOLVED web-1 disk:/"]


def test_a_failed_delivery_arms_nothing(stage: Stage) -> None:
    stage.slack.script.extend([answer(503), answer(503)])
    stage.disk(WARNING)
    assert stage.heard() == []
    stage.forward(seconds=10)
    stage.forward(seconds=20)
    assert stage.heard() == ["WARNING web-1 disk:/"]


def test_a_warning_that_fires_again_within_the_cooldown_is_told_when_it_ends(stage: Stage) -> None:
    for percent in (WARNING, OVER, WARNING):
        stage.disk(percent)
        stage.forward(minutes=1)
    assert stage.heard() == ["WARNING web-1 disk:/", "RESOLVED web-1 disk:/"]
    stage.forward(minutes=11)
    assert stage.heard() == []
    stage.forward(minutes=2)
    assert stage.heard() == ["WARNING web-1 disk:/"]


def test_a_critical_that_fires_again_is_told_after_five_minutes_at_the_latest(stage: Stage) -> None:
    for percent in (CRITICAL, OVER, CRITICAL):
        stage.disk(percent)
        stage.forward(minutes=1)
    stage.heard()
    stage.forward(minutes=3)
    assert stage.heard() == []
    stage.forward(minutes=2)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_what_fired_again_and_ended_within_the_cooldown_is_not_told(stage: Stage) -> None:
    for percent in (WARNING, OVER, WARNING, OVER):
        stage.disk(percent)
        stage.forward(minutes=1)
    stage.forward(minutes=30)
    assert stage.heard() == ["WARNING web-1 disk:/", "RESOLVED web-1 disk:/"]


def test_after_the_cooldown_a_new_breach_is_a_new_incident(stage: Stage) -> None:
    stage.disk(WARNING)
    stage.disk(OVER)
    stage.forward(minutes=16)
    stage.disk(WARNING)
    assert stage.heard() == ["WARNING web-1 disk:/", "RESOLVED web-1 disk:/", "WARNING web-1 disk:/"]


def test_the_cooldown_survives_an_emptied_redis(stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    stage.redis.flushall()
    stage.disk(WARNING)
    stage.disk(CRITICAL)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_every_decision_has_a_reason(stage: Stage) -> None:
    for percent in (WARNING, CRITICAL, WARNING, OVER):
        stage.disk(percent)
    assert [verdict for verdict, _ in stage.decisions()] == ["send", "send", "hold", "send"]
    assert all(reason for _, reason in stage.decisions())


def test_flapping_that_could_not_be_told_is_not_told_after_its_end(stage: Stage) -> None:
    """Slack is away while it flaps and comes to rest: what nobody heard of begins and ends unheard."""
    stage.disk(CRITICAL)
    stage.disk(WARNING)
    stage.disk(OVER)
    stage.disk(WARNING)
    stage.heard()
    stage.slack.script.extend(answer(503) for _ in range(3))
    stage.disk(OVER)
    assert stage.events()[-1] == "flapping"
    for _ in range(6):
        stage.forward(minutes=5)
    assert stage.heard() == []
    assert "pending" not in [state for _, state in stage.outbox()]
