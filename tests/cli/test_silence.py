"""`tocsin silence`: setting, listing and ending, and what is refused."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from models import Host, Silence
from tests.cli.conftest import Run

ON_DISKS = ("--host", "db-*", "--component", "disk", "--reason", "new disks")


@pytest.fixture
def hosts(engine: Engine) -> None:
    """db-1 and db-2 are known."""
    with engine.begin() as connection:
        for name in ("db-1", "db-2"):
            connection.execute(insert(Host).values(name=name, first_seen_at=datetime.now(UTC)))


def rows(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        query = select(Silence.__table__).order_by(Silence.id)
        return [dict(row) for row in connection.execute(query).mappings()]


@pytest.mark.usefixtures("hosts")
def test_it_sets_a_silence_and_says_of_what_until_when(tocsin: Run, engine: Engine) -> None:
    done = tocsin("silence", "add", *ON_DISKS, "--for", "2h", "--by", "ada")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("silence 1: nobody is told of disk on db-*, until 20")
    [row] = rows(engine)
    assert row["matchers"]["hosts"] == ["db-*"]
    assert row["matchers"]["components"] == ["disk"]
    assert (row["created_by"], row["reason"], row["recurrence"]) == ("ada", "new disks", None)
    assert row["ends_at"] - row["starts_at"] == timedelta(hours=2)


def test_it_takes_several_patterns_and_severities(tocsin: Run) -> None:
    hosts = ("--host", "db-1", "--host", "web-*", "--severity", "warning")
    done = tocsin("silence", "add", *hosts, "--for", "1h", "--reason", "a move", "--json")
    assert done.json["hosts"] == ["db-1", "web-*"]
    assert done.json["severities"] == ["warning"]
    assert done.json["phase"] == "active"


def test_a_silence_may_begin_later_and_come_again(tocsin: Run, engine: Engine) -> None:
    times = ("--from", "2031-01-01", "--until", "2031-02-01", "--every", "22:00 8h mon,tue")
    done = tocsin("silence", "add", *ON_DISKS, *times)
    assert (
        "every 22:00 8h mon,tue UTC, from 2031-01-01 00:00:00 UTC until 2031-02-01 00:00:00 UTC" in done.out
    )
    assert rows(engine)[0]["recurrence"] == {"start": "22:00", "minutes": 480, "days": [0, 1]}
    assert tocsin("silence", "list", "--json").json[0]["phase"] == "coming"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--host", "db-1"), "neither --for nor --until is given"),
        (("--host", "db-1", "--for", "1h", "--until", "2031-01-01"), "--for and --until are both given"),
        (("--host", "db-1", "--for", "2"), "--for: '2' is not a duration"),
        (("--host", "db-1", "--for", "0s"), "it would be over at "),
        (("--host", "db-1", "--until", "2020-01-01"), "it would be over at 2020-01-01 00:00:00 UTC already"),
        (("--host", "db-1", "--until", "tomorrow"), "--until: 'tomorrow' is no time"),
        (("--host", "db-1", "--until", "2099-01-01"), "it would last for longer than 366 days"),
        (("--host", " ", "--for", "1h"), "--host: it names nothing"),
        (("--component", "dsik", "--for", "1h"), "did you mean disk?"),
        (
            ("--host", "db-1", "--for", "1h", "--every", "22:00"),
            "--every: '22:00' is no time that comes again",
        ),
        (("--host", "db-1", "--for", "1h", "--every", "25:00 8h"), "'25:00' is not a time of day"),
        (("--host", "db-1", "--for", "1h", "--every", "22:00 8h someday"), "is not a day of the week"),
        (
            ("--host", "db-1", "--for", "1h", "--every", "22:00 2d"),
            "'2d' is not longer than 0s and at most 1d",
        ),
        (("--host", "db-1", "--for", "1h", "--by", " "), "--by: it names nobody"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(
    tocsin: Run, engine: Engine, options: tuple[str, ...], sentence: str
) -> None:
    done = tocsin("silence", "add", *options, "--reason", "why not")
    assert done.code == 2
    assert sentence in done.err
    assert rows(engine) == []


def test_a_reason_is_required_and_has_to_say_something(tocsin: Run) -> None:
    assert "--reason" in tocsin("silence", "add", "--host", "db-1", "--for", "1h").err
    done = tocsin("silence", "add", "--host", "db-1", "--for", "1h", "--reason", "  ")
    assert (done.code, done.err.startswith("tocsin: --reason: it says nothing")) == (2, True)


@pytest.mark.parametrize(
    "options", [(), ("--host", "*"), ("--severity", "warning", "--severity", "critical")]
)
def test_everything_is_silent_for_more_than_a_day_only_with_all(
    tocsin: Run, options: tuple[str, ...]
) -> None:
    everything = ("silence", "add", *options, "--reason", "a move")
    done = tocsin(*everything, "--for", "25h")
    assert done.code == 2
    assert "nobody would be told of anything until " in done.err
    assert tocsin(*everything, "--for", "24h").code == 0
    assert tocsin(*everything, "--for", "25h", "--all").code == 0


@pytest.mark.usefixtures("hosts")
def test_a_host_that_nobody_knows_is_said_and_allowed(tocsin: Run) -> None:
    done = tocsin("silence", "add", "--host", "bd-*", "--for", "1h", "--reason", "a move")
    assert done.code == 0
    assert done.err == "warning: --host: no host that is known by now matches 'bd-*'\n"


def test_a_name_that_is_hostile_has_no_power_over_the_terminal(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            insert(Silence).values(
                starts_at=datetime.now(UTC) - timedelta(hours=1),
                ends_at=datetime.now(UTC) + timedelta(hours=1),
                matchers={"hosts": ["\x1b[2J"]},
                created_by="\x1b]0;x\x07",
                reason="[bold]x[/bold]",
            )
        )
    out = tocsin("silence", "list").out
    assert "\x1b" not in out
    assert "[bold]x[/bold]" in out


def test_the_list_shows_who_why_and_how_it_stands(tocsin: Run) -> None:
    assert tocsin("silence", "list").out == "no silence is active or coming\n"
    tocsin("silence", "add", *ON_DISKS, "--for", "2h", "--by", "ada")
    tocsin("silence", "add", *ON_DISKS, "--from", "2031-01-01", "--for", "2h", "--by", "bob")
    lines = tocsin("silence", "list").out.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["2", "coming"], ["1", "active"]]
    assert "bob" in lines[1]
    assert lines[2].rstrip().endswith("disk on db-*  ada  new disks")


def test_one_that_is_over_is_listed_with_all(tocsin: Run) -> None:
    tocsin("silence", "add", *ON_DISKS, "--for", "2h", "--by", "ada")
    tocsin("silence", "end", "1", "--by", "bob")
    assert tocsin("silence", "list").out == "no silence is active or coming\n"
    assert "ended by bob" in tocsin("silence", "list", "--all").out


def test_ending_brings_the_end_forward(tocsin: Run, engine: Engine) -> None:
    tocsin("silence", "add", *ON_DISKS, "--for", "2h", "--by", "ada")
    done = tocsin("silence", "end", "1", "--by", "bob")
    assert (done.code, done.out) == (0, "bob has ended silence 1; messages that it held: 0\n")
    [row] = rows(engine)
    assert row["ended_by"] == "bob"
    assert row["ends_at"] - row["starts_at"] < timedelta(minutes=1)


def test_one_that_is_over_or_not_there_cannot_be_ended(tocsin: Run) -> None:
    assert tocsin("silence", "end", "9").err.startswith("tocsin: there is no silence 9; ")
    tocsin("silence", "add", *ON_DISKS, "--for", "2h")
    tocsin("silence", "end", "1")
    done = tocsin("silence", "end", "1")
    assert (done.code, done.err.startswith("tocsin: silence 1 is over since ")) == (1, True)


def test_one_that_is_coming_can_be_taken_back(tocsin: Run) -> None:
    tocsin("silence", "add", *ON_DISKS, "--from", "2031-01-01", "--for", "2h")
    assert tocsin("silence", "end", "1", "--json").json["let_go"] == 0
    assert tocsin("silence", "list", "--json").json == []
