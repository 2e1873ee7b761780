"""The live view, as it stands on screens of several sizes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cli.view.live import Picture, page
from embedded import State, Status
from tests.cli.situations import NOW, alert, check, reading, situation, told

PROGRAMS = tuple(
    Status(name, State.RUNNING, NOW - timedelta(minutes=5), pid=100 + number)
    for number, name in enumerate(("postgres", "redis", "collector", "beat", "worker", "chores", "flower"))
)
ADDRESSES = {"Flower": "http://127.0.0.1:5555  as ops", "Logs": "~/.local/share/tocsin/log"}
DEAD = Status(
    "flower",
    State.WAITING,
    NOW,
    restarts=2,
    reason="flower ended with exit code 1. The end of its log /h/log/flower.log:\n  OSError: Address in use",
)


def picture(**more: Any) -> Picture:
    began = NOW - timedelta(minutes=5)
    well = Picture(at=NOW, situation=situation(), programs=PROGRAMS, addresses=ADDRESSES, began=began)
    return replace(well, **more)


def lines(picture: Picture, width: int = 80, height: int | None = None) -> list[str]:
    return [line.rstrip() for line in page(picture, width=width, height=height).plain.split("\n")]


def test_a_newcomer_sees_everything_at_once_on_80_columns() -> None:
    assert (
        "\n".join(lines(picture()))
        == """\
Tocsin                                                   2026-11-21 09:30:00 UTC
All is well: 1 host, no open alert.

HOSTS
HOST   SEEN  CPU %  LOAD  MEM %  DISK %    IN/s  OUT/s  HEALTH
web-1   2 s   12.3  0.50   40.0    25.0  1.2 kB   99 B  83 degraded

HEALTH
web-1 83 degraded = 100 - CPU 3.0 - memory 9.0 - disks 5.0
database 1.2 ms · redis 1.2 ms · samples to store: 0

OPEN ALERTS
none

TOLD LAST
nothing yet; try it with tocsin drill

TASKS
collect.system         1 s ago
collect.processes      1 s ago
record.samples         1 s ago
health.check           1 s ago
notifications.deliver  1 s ago
aggregate.hourly       1 s ago  next 10:02 UTC
aggregate.daily        1 s ago  next 03:00 UTC
cleanup.retention      1 s ago  next 02:00 UTC

PROGRAMS
postgres   running  pid 100  for 5 min
redis      running  pid 101  for 5 min
collector  running  pid 102  for 5 min
beat       running  pid 103  for 5 min
worker     running  pid 104  for 5 min
chores     running  pid 105  for 5 min
flower     running  pid 106  for 5 min

WHERE
Flower  http://127.0.0.1:5555  as ops
Logs    ~/.local/share/tocsin/log"""
    )


def test_on_a_wide_screen_tasks_and_programs_stand_side_by_side() -> None:
    shown = lines(picture(), width=120)
    assert next(line.split() for line in shown if line.startswith("TASKS")) == ["TASKS", "PROGRAMS"]
    both = next(line for line in shown if line.startswith("collect.system"))
    assert both.split()[-1] == "min"
    assert "postgres" in both


def test_on_24_lines_it_is_dense_and_nothing_is_missing() -> None:
    shown = lines(picture(situation=situation(alerts=(alert(),), told=(told(),))), height=24)
    assert len(shown) <= 24
    text = "\n".join(shown)
    for word in (
        "HOSTS",
        "HEALTH",
        "OPEN ALERTS",
        "TOLD LAST",
        "TASKS",
        "PROGRAMS",
        "WHERE",
        "Flower",
        "Logs",
    ):
        assert word in text
    assert "postgres · redis · collector · beat · worker · chores · flower" in text


@pytest.mark.parametrize("width", [10, 20, 40, 79, 80, 100, 101, 200])
@pytest.mark.parametrize("height", [1, 5, 24, 50, None])
def test_no_screen_is_too_small(width: int, height: int | None) -> None:
    many = situation(
        readings=tuple(reading(f"a-host-with-a-long-name-{n}") for n in range(50)),
        checks=tuple(
            check(f"a-host-with-a-long-name-{n}", warnings=("cpu: " + "x" * 90,)) for n in range(50)
        ),
        alerts=tuple(alert(n, message="y" * 300) for n in range(50)),
        told=(told(summary="z" * 300),),
    )
    shown = page(picture(situation=many, programs=(*PROGRAMS, DEAD)), width=width, height=height)
    assert all(line.cell_len <= width for line in shown.split("\n"))
    assert height is None or len(shown.split("\n")) <= height


def test_what_is_wrong_stands_on_the_second_line() -> None:
    shown = lines(picture(situation=situation(alerts=(alert(), alert(8, component="memory")))))
    assert shown[1] == "Critical (and 1 more): web-1 cpu: CPU is at 97 % (alert 7)"


def test_an_open_alert_says_how_long_and_who_has_taken_it() -> None:
    shown = lines(picture(situation=situation(alerts=(alert(acknowledged_by="anna", is_drill=True),))))
    at = shown.index("OPEN ALERTS")
    assert shown[at + 1 : at + 3] == [
        "7 critical web-1 cpu for 3 min, taken by anna, a drill",
        "  CPU is at 97 %",
    ]


def test_it_shows_the_end_of_the_log_of_a_program_that_died_and_where_it_is() -> None:
    shown = lines(picture(programs=(*PROGRAMS[:-1], DEAD)))
    assert shown[1] == "Critical: flower is down"
    at = shown.index("DOWN, AND BEING RESTARTED")
    assert shown[at + 1 : at + 4] == [
        "flower ended with exit code 1",
        "  The end of its log /h/log/flower.log:",
        "  OSError: Address in use",
    ]
    assert any(line.startswith("flower") and "waiting" in line and "restarted 2 x" in line for line in shown)


def test_when_much_is_down_each_has_its_last_line_and_the_rest_is_still_seen() -> None:
    reason = "{} ended with exit code 2. The end of its log /h/log/{}.log:\n  a\n\n  b\n  c\n  d\n  e"
    down = tuple(
        Status(name, State.WAITING, NOW, reason=reason.format(name, name)) for name in ("beat", "worker", "x")
    )
    shown = lines(picture(programs=down), height=24)
    at = shown.index("DOWN, AND BEING RESTARTED")
    assert shown[at + 1 : at + 7] == [
        "beat ended with exit code 2",
        "  The end of its log /h/log/beat.log:",
        "  e",
        "worker ended with exit code 2",
        "  The end of its log /h/log/worker.log:",
        "  e",
    ]
    assert "HOSTS" in shown
    assert shown[1] == "Critical (and 2 more): beat is down"


def test_a_server_of_ours_that_is_in_trouble_says_which() -> None:
    trouble = check(
        "tocsin",
        "redis",
        status="unhealthy",
        response_ms=None,
        criticals=("Redis does not answer: TimeoutError",),
    )
    shown = lines(picture(situation=situation(checks=(check(), check("tocsin", "database"), trouble))))
    at = shown.index("HEALTH")
    assert shown[at + 2 : at + 4] == [
        "database 1.2 ms · redis unhealthy · samples to store: 0",
        "  critical Redis does not answer: TimeoutError",
    ]


def test_a_machine_without_a_score_says_why_and_is_not_called_bad() -> None:
    unread = check(score=None, level=None, parts={})
    shown = lines(picture(situation=situation(checks=(unread,))))
    assert shown[shown.index("HEALTH") + 1] == (
        "web-1 no score yet: not all of CPU, memory and disks have been read"
    )
    silent = check(score=None, level=None, parts={}, status="unknown")
    shown = lines(picture(situation=situation(checks=(silent,))))
    assert shown[shown.index("HEALTH") + 1] == "web-1 unknown"


def test_what_is_well_and_answers_nothing_is_not_mentioned() -> None:
    quiet = check("tocsin", "policy", response_ms=None)
    shown = lines(picture(situation=situation(checks=(check(), check("tocsin", "redis"), quiet))))
    assert shown[shown.index("HEALTH") + 2] == "redis 1.2 ms · samples to store: 0"


def test_a_message_that_did_not_arrive_says_why() -> None:
    dead = told(state="dead", reason="the webhook is gone (404)", destination="slack")
    shown = lines(picture(situation=situation(told=(dead, told(2, destination="email", recipient="a@b.c")))))
    at = shown.index("TOLD LAST")
    assert shown[at + 1 : at + 3] == [
        "09:30:00  slack        did not arrive: the webhook is gone (404)",
        "09:30:00  email a@b.c  CRITICAL web-1 cpu 97 %",
    ]


def test_a_silent_host_is_unknown_and_has_no_figures() -> None:
    shown = lines(picture(situation=situation(readings=(reading(seconds=70),))))
    row = next(line for line in shown if line.startswith("web-1"))
    assert row.split() == ["web-1", "1", "min", "10", "s", *["-"] * 6, "unknown"]


def test_of_many_hosts_the_worst_are_shown() -> None:
    hosts = tuple(reading(f"web-{n:02}") for n in range(40))
    checks = tuple(check(f"web-{n:02}", score=50.0 + n) for n in range(40))
    shown = "\n".join(lines(picture(situation=situation(readings=hosts, checks=checks))))
    assert "web-00" in shown
    assert "web-39" not in shown
    assert "and 28 more" in shown


def test_while_a_server_is_away_it_says_so_and_shows_what_was_last_known() -> None:
    shown = lines(picture(trouble="PostgreSQL does not answer: connection refused"))
    assert shown[1] == "PostgreSQL does not answer: connection refused"
    assert any(line.startswith("web-1") for line in shown)


def test_before_the_first_look_it_shows_what_it_has() -> None:
    shown = lines(picture(situation=None))
    assert shown[1] == "starting ..."
    assert "PROGRAMS" in shown


def test_names_have_no_power_over_the_terminal() -> None:
    evil = situation(
        readings=(reading("web\x1b[2J"),),
        alerts=(alert(host="\x1b]0;x\x07", message="a\nTocsin is fine\x1b[1A"),),
        told=(told(summary="\x1b[31mhi\r"),),
    )
    shown = page(picture(situation=evil), width=120).plain
    assert "\x1b" not in shown
    assert "\r" not in shown
    assert not any(line.startswith("Tocsin is fine") for line in shown.split("\n"))
