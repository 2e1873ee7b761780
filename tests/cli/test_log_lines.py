"""The live view without a terminal: what changes is said, once."""

from dataclasses import replace
from datetime import timedelta

from cli.view.live import Picture
from cli.view.log_lines import SUMMARY_EVERY_S, LogLines
from cli.view.situation import Situation
from embedded import State, Status
from tests.cli.situations import NOW, alert, situation, told

RUNNING = Status("worker", State.RUNNING, NOW, pid=42)
DEAD = Status("worker", State.WAITING, NOW, reason="worker ended with exit code 1. Its log says nothing.")
STAMP = "2026-11-21 09:30:00 UTC  "


def picture(now: Situation | None = None, *programs: Status, trouble: str | None = None) -> Picture:
    return Picture(NOW, now, programs, {}, began=NOW - timedelta(hours=1), trouble=trouble)


def said(lines: LogLines, shown: Picture, clock_s: float = 0) -> list[str]:
    found = list(lines.new(shown, clock_s))
    assert all(line.startswith(STAMP) for line in found)
    return [line.removeprefix(STAMP) for line in found]


def test_a_summary_comes_at_once_and_then_every_minute() -> None:
    lines = LogLines()
    summary = [
        "web-1: cpu 12.3 %, memory 40 %, disks 25 %, load 0.5, health 83 degraded",
        "All is well: 1 host, no open alert.",
    ]
    assert said(lines, picture(situation()), 0) == summary
    assert said(lines, picture(situation()), SUMMARY_EVERY_S - 1) == []
    assert said(lines, picture(situation()), SUMMARY_EVERY_S) == summary


def test_until_a_host_has_spoken_the_summary_is_not_put_off() -> None:
    lines = LogLines()
    said(lines, picture(situation(readings=())), 0)
    assert said(lines, picture(situation()), 1)[0].startswith("web-1: ")


def test_a_program_that_dies_is_told_with_its_last_words_and_told_once() -> None:
    lines = LogLines()
    assert said(lines, picture(None, RUNNING)) == ["worker is running, pid 42"]
    assert said(lines, picture(None, RUNNING)) == []
    died = "worker is waiting: worker ended with exit code 1. Its log says nothing."
    assert said(lines, picture(None, DEAD)) == [died]
    assert said(lines, picture(None, DEAD)) == []
    assert said(lines, picture(None, replace(RUNNING, pid=43))) == ["worker is running, pid 43"]


def test_an_alert_is_told_when_it_opens_gets_worse_and_is_over() -> None:
    lines = LogLines()
    said(lines, picture(situation()))
    opened = alert(severity="warning", message="CPU is at 80 %")
    assert said(lines, picture(situation(alerts=(opened,)))) == ["alert 7 warning: web-1 cpu: CPU is at 80 %"]
    assert said(lines, picture(situation(alerts=(opened,)))) == []
    assert said(lines, picture(situation(alerts=(alert(),)))) == [
        "alert 7 critical: web-1 cpu: CPU is at 97 %"
    ]
    assert said(lines, picture(situation())) == ["alert 7 is over"]


def test_what_people_were_told_before_is_not_told_again() -> None:
    lines = LogLines()
    assert "was told" not in " ".join(said(lines, picture(situation(told=(told(5),)))))
    dead = told(7, state="dead", reason="the webhook is gone (404)")
    assert said(lines, picture(situation(told=(told(5), dead, told(6))))) == [
        "slack was told: CRITICAL web-1 cpu 97 %",
        "slack was not told of alert 7: the webhook is gone (404)",
    ]


def test_a_server_that_goes_away_and_comes_back_is_told_once_each() -> None:
    lines = LogLines()
    said(lines, picture(situation()))
    away = picture(situation(), trouble="Redis does not answer: Connection refused")
    assert said(lines, away) == ["Redis does not answer: Connection refused"]
    assert said(lines, away) == []
    assert said(lines, picture(situation())) == ["PostgreSQL and Redis answer again"]
