"""`tocsin alerts`: the list, everything about one, and taking it."""

import getpass
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, text

from tests.cli.conftest import HOST, Run
from tests.cli.ringing import post, ring, rules


@pytest.fixture
def rung(engine: Engine, redis: Redis) -> None:
    """Alert 1 is over, 2 (critical) and 3 (warning, on another host) are open; the console was told."""
    ring(engine, redis, 80, name="first")
    ring(engine, redis, 0, name="first")
    ring(engine, redis, 99, name="second")
    ring(engine, redis, 80, name="third", host="web-2")
    post(engine, rules())


@pytest.mark.usefixtures("rung")
@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        ((), [3, 2]),
        (("--all",), [3, 2, 1]),
        (("--host", "web-2"), [3]),
        (("--host", "nobody"), []),
        (("--severity", "critical"), [2]),
        (("--all", "--severity", "warning"), [3, 1]),
        (("--since", "1h"), [3, 2]),
        (("--since", "2001-01-01", "--all", "--limit", "2"), [3, 2]),
    ],
)
def test_the_list_holds_what_was_asked_for(tocsin: Run, arguments: tuple[str, ...], ids: list[int]) -> None:
    done = tocsin("alerts", "list", "--json", *arguments)
    assert done.code == 0
    assert [one["id"] for one in done.json] == ids


@pytest.mark.usefixtures("rung")
def test_since_leaves_out_what_is_older(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE infrastructure_alerts SET opened_at = opened_at - interval '2 h' WHERE id = 2")
        )
    assert [one["id"] for one in tocsin("alerts", "list", "--since", "1h", "--json").json] == [3]
    start = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    assert [one["id"] for one in tocsin("alerts", "list", "--since", start, "--json").json] == [3, 2]


@pytest.mark.usefixtures("rung")
def test_the_list_is_for_people(tocsin: Run) -> None:
    head, newest, older = tocsin("alerts", "list").out.splitlines()
    assert head.split() == ["ID", "SEVERITY", "HOST", "COMPONENT", "OPENED", "(UTC)", "FOR", "STATE", "WHAT"]
    assert newest.split()[:4] == ["3", "warning", "web-2", "drill:third"]
    assert older.split()[:4] == ["2", "critical", HOST, "drill:second"]
    assert "open, a drill" in older


def test_an_empty_list_says_so(tocsin: Run) -> None:
    assert tocsin("alerts", "list").out == "no alert is open\n"
    assert tocsin("alerts", "list", "--all").out == "there is no such alert\n"
    assert tocsin("alerts", "list", "--json").json == []


@pytest.mark.usefixtures("rung")
def test_show_has_what_happened_who_was_told_and_why(tocsin: Run) -> None:
    page = tocsin("alerts", "show", "2").out
    assert page.startswith(f"Alert 2: critical, {HOST} drill:second, rule drill\n")
    for part in ("WHAT HAPPENED", "DECISIONS", "MESSAGES", "ATTEMPTS", "EVIDENCE"):
        assert f"\n{part}\n" in page
    assert "nobody has taken it" in page
    assert "written to the console" in page
    assert "this is a drill" in page


@pytest.mark.usefixtures("rung")
def test_show_as_json_has_every_part(tocsin: Run) -> None:
    document = tocsin("alerts", "show", "1", "--json").json
    assert document["alert"]["id"] == document["incident_id"] == 1
    assert [event["kind"] for event in document["events"]] == ["opened", "resolved"]
    assert {one["destination"] for one in document["decisions"]} <= {"console"}
    assert document["alert"]["resolved_at"].endswith("Z")


@pytest.mark.usefixtures("rung")
def test_an_alert_is_taken_once_and_the_second_hears_by_whom(tocsin: Run) -> None:
    assert tocsin("alerts", "ack", "2", "--by", "anna").out == "anna has taken alert 2\n"
    second = tocsin("alerts", "ack", "2", "--by", "bob")
    assert second.code == 1
    assert second.out.startswith("alert 2 was taken already, by anna at 2")
    assert second.out.endswith(" UTC\n")
    assert "anna took it at" in tocsin("alerts", "show", "2").out
    assert "taken by anna" in tocsin("alerts", "list").out


@pytest.mark.usefixtures("rung")
def test_whoever_gives_no_name_takes_it_as_the_user_of_the_machine(tocsin: Run) -> None:
    document = tocsin("alerts", "ack", "2", "--json").json
    assert document == {
        "alert": 2,
        "taken": True,
        "message": f"{getpass.getuser()} has taken alert 2",
    }


@pytest.mark.usefixtures("rung")
@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1", "tocsin: alert 1 is over since "),
        ("99", "tocsin: there is no alert 99; tocsin alerts list shows what is open"),
        (str(2**63 - 1), f"tocsin: there is no alert {2**63 - 1}"),
    ],
)
def test_what_is_over_or_does_not_exist_cannot_be_taken(tocsin: Run, number: str, said: str) -> None:
    done = tocsin("alerts", "ack", number)
    assert done.code == 1
    assert done.err.startswith(said)


@pytest.mark.parametrize("number", ["0", "-1", "abc", str(2**63), "1; DROP TABLE hosts", ""])
@pytest.mark.parametrize("command", ["show", "ack"])
def test_what_is_no_number_of_an_alert_is_refused(tocsin: Run, command: str, number: str) -> None:
    done = tocsin("alerts", command, number)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_show_of_nothing_says_where_to_look(tocsin: Run) -> None:
    done = tocsin("alerts", "show", "5")
    assert done.code == 1
    assert done.err == "tocsin: there is no alert 5; tocsin alerts list --all shows which there are\n"


@pytest.mark.parametrize("since", ["yesterday", "1e9", "-1h", "", "2026-13-45"])
def test_a_time_that_is_none_is_refused_with_an_example(tocsin: Run, since: str) -> None:
    done = tocsin("alerts", "list", f"--since={since}")
    assert done.code == 2
    assert "24h" in done.err


@pytest.mark.parametrize("name", ["", "  ", "an\nna"])
def test_a_name_that_names_nobody_is_refused(tocsin: Run, name: str) -> None:
    assert tocsin("alerts", "ack", "1", "--by", name).code == 2
