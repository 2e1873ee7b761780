"""`tocsin drill`: whether the bell is heard, and which part is missing when it is not."""

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from models import Alert
from tests.cli.conftest import HOST, Run
from tests.cli.ringing import at_work, rules
from tests.standins.behaviour import answer
from tests.standins.slack import SlackStandIn


def test_it_says_who_was_told_and_ends_what_it_began(tocsin: Run, engine: Engine, redis: Redis) -> None:
    with at_work(engine, redis, rules()):
        done = tocsin("drill")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0].endswith(f"rings on {HOST}, as critical as can be")
    assert "opened after" in lines[1]
    assert lines[2].startswith("  console: delivered after ")
    assert lines[2].endswith(" s: written to the console")
    assert "was over after" in lines[3]
    assert lines[-1] == "the bell works"
    with engine.connect() as connection:
        [alert] = connection.execute(select(Alert.severity, Alert.resolved_at, Alert.is_drill)).all()
    assert alert.severity == "critical"
    assert alert.is_drill
    assert alert.resolved_at is not None


def test_json_holds_the_course_of_it(tocsin: Run, engine: Engine, redis: Redis) -> None:
    with at_work(engine, redis, rules()):
        course = tocsin("drill", "--severity", "warning", "--json").json
    assert (course["ok"], course["severity"], course["missing"]) == (True, "warning", None)
    assert [one["state"] for one in course["fired"]] == ["delivered"]
    assert [one["state"] for one in course["resolved"]] == ["delivered"]
    assert 0 < course["opened_after_s"] < course["resolved_after_s"]


def test_a_destination_that_refuses_is_shown_with_its_answer(
    tocsin: Run, engine: Engine, redis: Redis
) -> None:
    with SlackStandIn() as slack:
        slack.script.append(answer(404))
        with at_work(engine, redis, rules(SLACK_WEBHOOK_URL=slack.webhook_url)):
            done = tocsin("drill", "--within", "20")
    assert done.code == 1
    assert "  slack: dead after" in done.out
    assert "404" in done.out
    assert "reached nobody" in done.err


def test_without_a_recorder_it_names_it(tocsin: Run, engine: Engine) -> None:
    done = tocsin("drill", "--within", "1")
    assert done.code == 1
    assert "warning: no sample has been stored yet; start tocsin collector" in done.err
    assert "tocsin: the sample was not turned into an alert within 1 s: no sample has been stored" in done.err
    with engine.connect() as connection:
        assert connection.execute(select(Alert.id)).all() == []


def test_without_a_worker_it_names_it_and_leaves_no_alert_open(
    tocsin: Run, engine: Engine, redis: Redis
) -> None:
    with at_work(engine, redis, rules(), delivering=False):
        done = tocsin("drill", "--within", "3")
        ended = tocsin("alerts", "list").out
    assert done.code == 1
    assert (
        "tocsin: nobody was told within 3 s: no message has been looked after yet; start tocsin worker"
        in (done.err)
    )
    assert "drill" not in ended or "0 %" in ended


def test_json_says_what_is_missing_too(tocsin: Run) -> None:
    done = tocsin("drill", "--within", "1", "--json")
    assert done.code == 1
    assert done.json["ok"] is False
    assert done.json["missing"].startswith("the sample was not turned into an alert")


@pytest.mark.parametrize("within", ["0", "601", "soon"])
def test_a_deadline_that_makes_no_sense_is_refused(tocsin: Run, within: str) -> None:
    assert tocsin("drill", "--within", within).code == 2
