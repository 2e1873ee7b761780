"""`tocsin explain`: what it is asked for, what it refuses, and how it prints."""

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, text

import policy
import settings
from notifications.planning import plan_all
from tests import samples
from tests.cli.conftest import Run
from worker import stream
from worker.recording import record_waiting

POLICY = policy.load(None, settings.load({}))


@pytest.fixture
def firing(engine: Engine, redis: Redis) -> None:
    """Alert 1 is open, and it is planned that the console hears of it."""
    stream.publish(redis, samples.system(disks={"/": 97.0}))
    record_waiting(engine, redis, POLICY, consumer="test")
    plan_all(engine, POLICY)


@pytest.mark.usefixtures("firing")
def test_it_tells_the_story_of_an_alert_and_what_comes_next(tocsin: Run) -> None:
    done = tocsin("explain", "1")
    assert (done.code, done.err) == (0, "")
    head, happened, coming = done.out.split("\n\n")
    assert head == "Alert 1: critical, web-1 disk:/, rule disk-full; open"
    lines = happened.splitlines()
    assert lines[0] == "WHAT HAPPENED (UTC)"
    assert "  it opened as critical: Disk usage is 97 %, and has been at or above 95 % since " in lines[1]
    assert lines[2].endswith(
        "  console is told of it (opened): nothing of it was delivered here within the cooldown"
    )
    assert "the message for console (opened) is due now" in coming


@pytest.mark.usefixtures("firing")
def test_programs_get_the_story_as_json(tocsin: Run) -> None:
    told = tocsin("explain", "1", "--json").json
    assert (told["alert"]["id"], told["incident_id"]) == (1, 1)
    assert [line["what"] for line in told["story"]] == ["event", "decision"]
    assert all(datetime.fromisoformat(line["at"]).tzinfo for line in told["story"])


@pytest.mark.usefixtures("firing")
def test_what_is_over_has_nothing_to_come(tocsin: Run, engine: Engine) -> None:
    tocsin("alerts", "resolve", "1", "--reason", "swapped the disk", "--by", "ada")
    plan_all(engine, POLICY)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE notification_deliveries SET state = 'delivered', finished_at = now()")
        )
    out = tocsin("explain", "1").out
    assert "it is over: ada ended it by hand: swapped the disk" in out
    assert out.endswith("WHAT COMES NEXT\nnothing: it is over and everything about it is told\n")


@pytest.mark.usefixtures("firing")
def test_a_note_that_is_hostile_has_no_power_over_the_terminal(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alert_events SET reason = E'\\x1b[2J[red]x'"))
        connection.execute(text("UPDATE infrastructure_alerts SET message = E'\\x1b]0;x\\x07'"))
    out = tocsin("explain", "1").out + tocsin("explain", "--host", "web-1").out
    assert "\x1b" not in out
    assert "[red]x" in out


@pytest.mark.usefixtures("firing")
def test_it_says_what_it_looked_at(tocsin: Run) -> None:
    found = tocsin("explain", "--host", "web-1", "--json").json
    assert found["told"] is False
    kinds = [finding["kind"] for finding in found["findings"]]
    assert kinds == ["open", "waiting"]
    assert "alerts of web-1 that were open then: 1" in found["looked_at"]
    assert "silences, maintenance and quiet hours: none were in force" in found["looked_at"]
    out = tocsin("explain", "--host", "web-1").out
    assert "\nWHY NOBODY WAS PAGED\n- alert 1 (disk:/) was open since " in out
    assert "\nWHAT WAS LOOKED AT\n- samples of web-1 from " in out


def test_an_event_that_nobody_has_planned_yet_says_so(tocsin: Run, engine: Engine, redis: Redis) -> None:
    stream.publish(redis, samples.system(disks={"/": 97.0}))
    record_waiting(engine, redis, POLICY, consumer="test")
    findings = tocsin("explain", "--host", "web-1", "--json").json["findings"]
    assert [finding["kind"] for finding in findings] == ["open", "not-planned"]


@pytest.mark.usefixtures("firing")
@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "name an alert by its number, or a host with --host"),
        (("1", "--host", "web-1"), 2, "name an alert by its number, or a host with --host"),
        (("1", "--at", "20m"), 2, "--at goes with --host"),
        (("99",), 1, "there is no alert 99"),
        (("--host", "wbe-1"), 1, "no host 'wbe-1' has ever sent a sample; did you mean web-1?"),
        (("--host", "web-1", "--at", "yesterday"), 2, "--at: 'yesterday' is no time"),
    ],
)
def test_what_cannot_be_answered_is_said(
    tocsin: Run, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    done = tocsin("explain", *arguments)
    assert (done.code, done.out) == (code, "")
    assert sentence in done.err


def test_a_time_that_is_still_to_come_is_refused(tocsin: Run) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    done = tocsin("explain", "--host", "web-1", "--at", later)
    assert (done.code, "is still to come" in done.err) == (2, True)
