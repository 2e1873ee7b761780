"""`tocsin route test`: who would be told, and what holds it back now."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import HOST, Run

FILE = """
[destinations.lead]
type = "console"
[destinations.night]
type = "console"
fallback = "lead"
[escalation.on-call]
steps = [{after = "15m", destinations = ["lead"]}]
repeat = "30m"
[[routes]]
hosts = ["db-*"]
destinations = ["night"]
escalation = "on-call"
[[routes]]
destinations = ["lead"]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text(FILE)
    return path


def test_it_says_who_is_told_at_once_later_and_instead(tocsin: Run, rules: Path) -> None:
    done = tocsin("route", "test", "--host", "db-1", "--component", "cpu", "--file", str(rules))
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "at once: night",
        "after 15m: lead (escalation on-call)",
        "then every 30m until somebody acknowledges",
        "if night cannot be reached: lead",
    ]


def test_without_a_host_it_is_about_this_one(tocsin: Run, rules: Path) -> None:
    assert HOST == "web-1"
    done = tocsin("route", "test", "--component", "cpu", "--file", str(rules))
    assert done.out == "at once: lead\n"


def test_a_silence_that_somebody_set_is_in_force(tocsin: Run) -> None:
    about = ("--host", "web-*", "--severity", "warning", "--by", "ada", "--reason", "a move")
    tocsin("silence", "add", *about, "--for", "2h")
    assert "held back" not in tocsin("route", "test", "--component", "cpu").out
    done = tocsin("route", "test", "--component", "cpu", "--severity", "warning")
    assert "held back now: silence 1 by ada (a move) until " in done.out
    assert "hold" in tocsin("route", "test", "--component", "cpu", "--severity", "warning", "--json").json


def test_config_route_answers_the_same_but_for_what_people_silenced(tocsin: Run, rules: Path) -> None:
    about = ("--host", "db-1", "--component", "cpu", "--file", str(rules))
    before = tocsin("route", "test", *about).out
    tocsin("silence", "add", "--component", "cpu", "--for", "2h", "--reason", "a move")
    assert tocsin("config", "route", *about).out == before
    assert tocsin("route", "test", *about).out != before


def test_quiet_hours_of_the_file_are_in_force(tocsin: Run, rules: Path) -> None:
    begin = datetime.now(UTC) - timedelta(hours=1)
    rules.write_text(FILE + f'[quiet_hours]\nstart = "{begin:%H:%M}"\nduration = "3h"\n')
    done = tocsin("route", "test", "--component", "cpu", "--severity", "warning", "--file", str(rules))
    assert "held back now: quiet hours: warnings wait until " in done.out


def test_without_a_database_the_routes_are_shown_all_the_same(run: Run, rules: Path) -> None:
    done = run("route", "test", "--component", "cpu", "--file", str(rules))
    assert (done.code, done.out) == (0, "at once: lead\n")
    assert done.err == "warning: no database runs, so the silences that people set are left out\n"


def test_a_database_that_does_not_answer_is_no_obstacle(
    run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = run("route", "test", "--component", "cpu", "--file", str(rules))
    assert (done.code, done.out) == (0, "at once: lead\n")
    assert "the database does not answer" in done.err


def test_a_component_that_was_surely_meant_is_named(tocsin: Run) -> None:
    done = tocsin("route", "test", "--component", "dsik:/var")
    assert (done.code, "did you mean disk?" in done.err) == (2, True)
