"""Whether all is well: every way in which it may not be, in a sentence."""

from datetime import timedelta
from typing import Any

import pytest

from cli.view.situation import LastRun, Outbox
from cli.view.verdict import findings, worst
from domain.queues import SHARED
from domain.severity import Severity
from tests.cli.situations import NOW, alert, check, frequent_runs, reading, runs, situation
from watchdog import vitals as signs
from watchdog.vitals import Vitals

CRITICAL, WARNING = Severity.CRITICAL, Severity.WARNING
FAILED = LastRun("aggregate.hourly", NOW, "failed", {"error": "OperationalError: disk full"})
DISK = "disk:/var: Disk usage is 85 %, at or above 80 %"


def test_nothing_is_found_when_all_is_well() -> None:
    assert findings(situation()) == []
    assert worst([]) is None


@pytest.mark.parametrize(
    ("wrong", "severity", "said"),
    [
        ({"readings": ()}, CRITICAL, "no host has sent a sample yet"),
        ({"readings": (reading(seconds=None),)}, CRITICAL, "web-1 is unknown: it has sent no sample yet"),
        ({"readings": (reading(seconds=45),)}, CRITICAL, "web-1 is unknown: it has been silent for 45 s"),
        ({"alerts": (alert(),)}, CRITICAL, "web-1 cpu: CPU is at 97 % (alert 7)"),
        (
            {"alerts": (alert(severity="warning", acknowledged_by="anna"),)},
            WARNING,
            "web-1 cpu: CPU is at 97 % (alert 7, taken by anna)",
        ),
        ({"alerts": (alert(is_drill=True),)}, CRITICAL, "web-1 cpu: CPU is at 97 % (alert 7, a drill)"),
        ({"checks": (check(warnings=(DISK,)),)}, WARNING, f"web-1 {DISK}"),
        (
            {"checks": (check("tocsin", "redis", criticals=("Redis does not answer: TimeoutError",)),)},
            CRITICAL,
            "tocsin Redis does not answer: TimeoutError",
        ),
        (
            {"runs": runs(health_check=50)},
            CRITICAL,
            "health.check has not run for 50 s; is beat running, and a worker for the queue health?",
        ),
        ({"runs": runs()[1:]}, CRITICAL, "collect.system has not run yet"),
        (
            {"runs": (*frequent_runs(), FAILED)},
            WARNING,
            "aggregate.hourly failed at 2026-11-21 09:30:00 UTC: OperationalError: disk full",
        ),
        ({"outbox": Outbox(dead=1)}, WARNING, "1 message of the last day did not arrive"),
        ({"outbox": Outbox(retried=2)}, WARNING, "2 messages failed and will be tried again"),
        ({"waiting": 1234}, WARNING, "1,234 samples wait to be stored"),
    ],
)
def test_it_says_what_is_wrong(wrong: dict[str, Any], severity: Severity, said: str) -> None:
    [found] = findings(situation(**wrong))
    assert found.sentence.startswith(said)
    assert found.severity is severity


def test_the_worst_comes_first() -> None:
    found = findings(situation(waiting=500, alerts=(alert(),)))
    assert [one.severity for one in found] == [CRITICAL, WARNING]
    assert worst(found) is CRITICAL


def test_a_breach_that_is_an_open_alert_is_said_once() -> None:
    checks = (check(criticals=("cpu: CPU usage is 97 %, at or above 90 %",), warnings=(DISK,)),)
    found = findings(situation(checks=checks, alerts=(alert(),)))
    assert [one.sentence for one in found] == ["web-1 cpu: CPU is at 97 % (alert 7)", f"web-1 {DISK}"]


def test_a_silent_host_that_has_an_alert_is_said_once() -> None:
    silent = situation(readings=(reading(seconds=300),), alerts=(alert(component="host"),))
    assert [one.sentence.partition(":")[0] for one in findings(silent)] == ["web-1 host"]


def test_nobody_is_late_for_what_was_before_the_programs_were_started() -> None:
    overnight = {
        "readings": (reading(seconds=9000),),
        "runs": runs(health_check=9000, collect_system=9000),
    }
    assert findings(situation(**overnight), NOW - timedelta(seconds=10)) == []
    assert len(findings(situation(**overnight), NOW - timedelta(seconds=60))) == 3
    assert len(findings(situation(**overnight))) == 3


@pytest.mark.parametrize(("seconds", "late"), [(44, False), (46, True)])
def test_a_task_is_late_after_three_of_its_ticks(seconds: float, late: bool) -> None:  # noqa: FBT001 - a parameter
    assert bool(findings(situation(runs=runs(health_check=seconds)))) is late


def test_a_chore_that_has_not_run_yet_is_not_late() -> None:
    assert findings(situation(runs=frequent_runs())) == []


def vitals(**more: Any) -> Vitals:
    """Every part has just been seen, and somebody has watched for an hour."""
    queues = dict.fromkeys(SHARED, NOW)
    since = NOW - timedelta(hours=1)
    seen = {"beat": NOW, "newest_sample": NOW, "recorder": NOW, "evaluation": NOW, "watchdog": NOW}
    outbox = signs.Outbox(swept_at=NOW)
    return Vitals(NOW, **{"watched_since": since, "queues": queues, "outbox": outbox, **seen, **more})


def test_of_a_part_that_stopped_it_says_so_and_not_which_tasks_are_late_for_it() -> None:
    long_ago = NOW - timedelta(minutes=5)
    dead = vitals(beat=long_ago, newest_sample=long_ago, queues=dict.fromkeys(SHARED, long_ago))
    [found] = findings(situation(vitals=dead, runs=runs(health_check=300)))
    assert found.severity is CRITICAL
    assert found.sentence.startswith("no tick of beat has been worked on for 5 min; start one")


@pytest.mark.parametrize(("seconds", "late"), [(20, False), (40, True)])
def test_a_task_that_has_not_run_yet_is_late_when_beat_has_been_at_work_for_a_while(
    seconds: float,
    late: bool,  # noqa: FBT001 - a parameter
) -> None:
    begun = vitals(beat_since=NOW - timedelta(seconds=seconds))
    found = findings(situation(vitals=begun, runs=runs()[1:]))
    assert [one.sentence.partition(";")[0] for one in found] == ["collect.system has not run yet"] * late


def test_nobody_who_watches_is_a_warning_once_there_was_time_to_start_one() -> None:
    alone = situation(vitals=vitals(watched_since=None, watchdog=None))
    [found] = findings(alone)
    assert found.severity is WARNING
    assert found.sentence.startswith("no watchdog is at work")
    assert findings(alone, NOW - timedelta(seconds=60)) == []
    begun = vitals(watched_since=None, watchdog=None, beat_since=NOW - timedelta(seconds=60))
    assert findings(situation(vitals=begun)) == []


def test_a_watchdog_that_has_an_alert_is_not_said_twice() -> None:
    silent = vitals(watched_since=None, watchdog=NOW - timedelta(minutes=5))
    [found] = findings(situation(vitals=silent))
    assert found.sentence.startswith("no watchdog has been at work for 5 min")
    told = findings(situation(vitals=silent, alerts=(alert(host="tocsin", component="watchdog"),)))
    assert [one.sentence.partition(":")[0] for one in told] == ["tocsin watchdog"]


def test_nothing_has_stopped_that_was_started_just_now() -> None:
    before = NOW - timedelta(hours=8)
    asleep = vitals(beat=before, newest_sample=before, queues=dict.fromkeys(SHARED), watched_since=None)
    assert findings(situation(vitals=asleep), NOW - timedelta(seconds=20)) == []


def test_samples_that_a_collector_stores_itself_want_no_task_for_it() -> None:
    others = tuple(run for run in runs() if run.task != "record.samples")
    assert findings(situation(runs=others)) != []
    assert findings(situation(runs=(*others, LastRun("recorder", NOW, "done", {})))) == []
