"""A task that hangs is found by its own limit, and by no other's."""

from worker.limits import Limits


def test_a_task_hangs_when_its_own_limit_has_passed() -> None:
    limits = Limits()
    limits.begin("1", "aggregate.hourly", now=100.0, hard_limit=3600)
    limits.begin("2", "health.check", now=100.0, hard_limit=60)
    assert limits.hung(160.0) is None
    hung = limits.hung(160.1)
    assert hung is not None
    assert (hung.task, hung.began) == ("health.check", 100.0)


def test_a_task_that_has_ended_hangs_no_more() -> None:
    limits = Limits()
    limits.begin("1", "health.check", now=0.0, hard_limit=60)
    limits.end("1")
    limits.end("1")
    assert limits.hung(1000.0) is None
