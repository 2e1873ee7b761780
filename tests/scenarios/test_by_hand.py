"""What people do from the command line, and what the people on call hear of it."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models import clock
from notifications.followups import follow_up
from notifications.quiet import quiet
from policy import Console, Escalation, Step
from policy.matching import Scope
from policy.routes import Route
from tests.scenarios.person import Person
from tests.scenarios.stage import Stage
from tests.scenarios.test_escalation import minutes
from tests.standins.behaviour import answer

WARNING, CRITICAL, OVER = 85, 97, 10


@pytest.fixture
def ada(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], redis_url: str
) -> Person:
    """Ada is on call, and sits at a machine where `tocsin` is set up."""
    for name in ("TOCSIN_RULES", "HOST_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("SLACK_WEBHOOK_URL", stage.slack.webhook_url)
    stage.disk(OVER)  # so that web-1 is known
    return Person(stage, monkeypatch, capsys)


@pytest.fixture
def escalating(stage: Stage) -> Stage:
    """Slack at once, the team lead after 15 minutes; no reminders."""
    escalation = Escalation("on-call", (Step(minutes(15), ("lead",)),))
    stage.with_policy(
        destinations={**stage.policy.destinations, "lead": Console(name="lead")},
        routes=(Route(Scope(), ("slack",), escalation),),
        repeat={},
    )
    stage.open_channels()
    return stage


def test_taking_it_from_the_command_line_stops_the_reminders(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    assert ada.types("alerts", "ack", "1", "--by", "ada") == "ada has taken alert 1\n"
    stage.forward(minutes=60)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_taking_it_withdraws_a_reminder_that_is_on_its_way_in_the_same_transaction(
    stage: Stage, ada: Person
) -> None:
    stage.disk(CRITICAL)
    stage.slack.script.append(answer(503))
    stage.forward(minutes=16)
    assert stage.outbox()[-1] == ("reminded", "pending")
    ada.types("alerts", "ack", "1", "--by", "ada")
    assert stage.outbox()[-1] == ("reminded", "superseded")
    assert stage.events()[-1] == "acknowledged"
    stage.forward(minutes=30)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_taking_it_stops_a_step_that_was_due_and_not_planned_yet(escalating: Stage, ada: Person) -> None:
    escalating.disk(CRITICAL)
    escalating.clock.forward(minutes=16)
    with escalating.engine.begin() as connection:
        now = clock.now(connection)
        assert follow_up(connection, quiet(connection, escalating.policy, now), now) == 1
    ada.types("alerts", "ack", "1", "--by", "ada")
    escalating.notify()
    assert escalating.told() == ["slack"]
    assert ("skip", "it was acknowledged before anybody was told of this") in escalating.decisions()


def test_giving_it_back_lets_the_reminders_go_on(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    ada.types("alerts", "ack", "1", "--by", "ada")
    stage.forward(minutes=30)
    stage.heard()
    assert ada.types("alerts", "unack", "1", "--by", "ada") == "ada has given alert 1 back\n"
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_giving_it_back_lets_the_escalation_go_on_where_it_stood(escalating: Stage, ada: Person) -> None:
    escalating.disk(CRITICAL)
    escalating.forward(minutes=10)
    ada.types("alerts", "ack", "1", "--by", "ada")
    escalating.forward(minutes=60)
    ada.types("alerts", "unack", "1", "--by", "ada")
    escalating.forward(minutes=4)
    assert escalating.told() == ["slack"]
    escalating.forward(minutes=2)
    assert escalating.told() == ["lead"]


def test_ending_it_by_hand_tells_whoever_was_told(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    said = ada.types("alerts", "resolve", "1", "--by", "ada", "--reason", "a false alarm")
    assert said == "ada has ended alert 1; if the breach goes on, a new one opens\n"
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/", "RESOLVED web-1 disk:/"]
    assert stage.reasons()[-1] == "ada ended it by hand: a false alarm"


def test_ending_it_by_hand_tells_nobody_who_had_not_heard_of_it(escalating: Stage, ada: Person) -> None:
    escalating.disk(CRITICAL)
    ada.types("alerts", "resolve", "1", "--by", "ada", "--reason", "a false alarm")
    escalating.forward(minutes=60)
    assert escalating.told() == ["slack", "slack"]


def test_a_breach_that_goes_on_after_it_was_ended_by_hand_is_the_same_incident(
    stage: Stage, ada: Person
) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    ada.types("alerts", "resolve", "1", "--by", "ada", "--reason", "a false alarm")
    stage.notify()
    stage.disk(CRITICAL)
    assert stage.heard() == ["CRITICAL web-1 disk:/", "RESOLVED web-1 disk:/"]
    stage.forward(minutes=6)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_a_note_stands_in_the_story_and_wakes_nobody(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    stage.heard()
    ada.types("alerts", "note", "1", "vacuum runs until 4", "--by", "ada")
    stage.notify()
    assert stage.heard() == []
    assert stage.reasons()[-1] == "vacuum runs until 4"


def test_a_silence_that_is_ended_early_announces_what_still_fires_once(stage: Stage, ada: Person) -> None:
    ada.types("silence", "add", "--host", "web-1", "--for", "2h", "--reason", "a move", "--by", "ada")
    stage.disk(CRITICAL)
    stage.forward(minutes=30)
    assert stage.heard() == []
    assert ada.asks("silence", "end", "1", "--by", "bob")["let_go"] == 1
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    stage.forward(minutes=5)
    assert stage.heard() == []


def test_a_silence_that_is_ended_early_is_silent_about_what_is_over(stage: Stage, ada: Person) -> None:
    ada.types("silence", "add", "--host", "web-1", "--for", "2h", "--reason", "a move")
    stage.disk(CRITICAL)
    stage.disk(OVER)
    ada.types("silence", "end", "1")
    stage.notify()
    assert stage.heard() == []


def test_what_a_second_silence_holds_stays_held_when_the_first_is_ended(stage: Stage, ada: Person) -> None:
    ada.types("silence", "add", "--host", "web-1", "--for", "2h", "--reason", "a move")
    ada.types("silence", "add", "--component", "disk", "--for", "1h", "--reason", "new disks")
    stage.disk(CRITICAL)
    ada.types("silence", "end", "1")
    stage.notify()
    assert stage.heard() == []
    stage.forward(minutes=61)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_ending_a_silence_lets_nothing_go_that_the_cooldown_holds(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    stage.disk(WARNING)
    ada.types("silence", "add", "--host", "web-*", "--for", "2h", "--reason", "a move")
    assert ada.asks("silence", "end", "1")["let_go"] == 0
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_a_silence_that_comes_again_rests_outside_of_its_hours(stage: Stage, ada: Person) -> None:
    hour = f"{(stage.now() + minutes(120)):%H}:00"
    every = ("--every", f"{hour} 1h", "--for", "7d")
    ada.types("silence", "add", "--host", "web-1", *every, "--reason", "backups")
    assert ada.asks("silence", "list")[0]["phase"] == "resting"
    stage.disk(CRITICAL)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def explained(ada: Person, number: int = 1) -> list[str]:
    """The story of an alert, without the times."""
    return [line["text"] for line in ada.asks("explain", str(number))["story"]]


def test_explain_tells_the_story_of_an_alert_in_order(stage: Stage, ada: Person) -> None:
    stage.slack.script.append(answer(503))
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    ada.types("alerts", "ack", "1", "--by", "ada")
    ada.types("alerts", "note", "1", "vacuum runs until 4", "--by", "bob")
    ada.types("alerts", "resolve", "1", "--by", "ada", "--reason", "swapped the disk")
    stage.notify()
    story = explained(ada)
    opened = next(text for text in story if text.startswith("it opened as critical: Disk usage is 97 %"))
    told = "slack is told of it (opened): nothing of it was delivered here within the cooldown"
    assert story.index(opened) < story.index(told)
    assert [text.partition(",")[0] for text in story if "delivered to slack" in text] == [
        "not delivered to slack (opened)",
        "delivered to slack (opened) in 0.0 s: 200 ok",
        "delivered to slack (resolved) in 0.0 s: 200 ok",
    ]
    assert "it was acknowledged: ada took it" in story
    assert "bob noted: vacuum runs until 4" in story
    assert "it is over: ada ended it by hand: swapped the disk" in story


def coming(ada: Person, number: int = 1) -> list[str]:
    """What comes next for an alert, without the times."""
    return [one["what"] for one in ada.asks("explain", str(number))["next"]]


def absent(ada: Person, host: str = "web-1") -> dict[str, str]:
    """Why nobody was paged about a host just now: each kind of reason, with its sentence."""
    found = ada.asks("explain", "--host", host)["findings"]
    return {finding["kind"]: finding["text"] for finding in found}


def test_explain_names_the_silence_that_holds_and_who_set_it(stage: Stage, ada: Person) -> None:
    ada.types("silence", "add", "--host", "web-1", "--for", "2h", "--reason", "a move", "--by", "ada")
    stage.disk(CRITICAL)
    assert "slack is told of it (opened) later, not before " in explained(ada)[1]
    assert "silence 1 by ada (a move) until " in explained(ada)[1]
    assert "slack was held back (opened): silence 1 by ada (a move) until " in absent(ada)["hold"]
    assert "told" not in absent(ada)


def test_explain_names_the_cooldown_that_holds(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    stage.forward(minutes=1)
    stage.disk(WARNING)
    assert "slack was held back (eased): a critical of it was delivered here at " in absent(ada)["hold"]
    assert absent(ada)["told"].startswith("slack was told of it (opened) at ")


def test_explain_names_who_has_it(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    ada.types("alerts", "ack", "1", "--by", "ada")
    stage.forward(minutes=30)
    assert absent(ada)["acknowledged"].startswith("ada had it since ")
    assert coming(ada) == ["ada has it: nobody is told again unless it gets worse"]


def test_explain_says_that_no_route_leads_anywhere(stage: Stage, ada: Person) -> None:
    stage.with_policy(routes=())
    stage.disk(CRITICAL)
    assert absent(ada)["nobody"] == (
        "nobody is told of it (opened): no route leads anywhere for it: see tocsin route test"
    )


def test_explain_says_what_the_other_side_answered(stage: Stage, ada: Person) -> None:
    stage.slack.script.append(answer(503))
    stage.disk(CRITICAL)
    assert "slack could not be reached (opened): " in absent(ada)["not-delivered"]
    assert "503" in absent(ada)["not-delivered"]


def test_explain_says_that_flapping_is_told_once(stage: Stage, ada: Person) -> None:
    for percent in (WARNING, OVER, WARNING, OVER, WARNING):
        stage.disk(percent)
        stage.forward(seconds=10)
    skipped = "slack is not told of it (opened): it is flapping: one notice says so, and one when it is over"
    assert skipped in explained(ada, 3)
    assert absent(ada)["told"].startswith("slack was told of it (flapping) at ")
    assert coming(ada, 3) == ["it has stopped flapping, if it changes no more until then"]


def test_explain_says_that_a_breach_did_not_last(stage: Stage, ada: Person) -> None:
    stage.lasts(seconds=20, cpu_percent=99.0)
    stage.lasts(seconds=20, cpu_percent=10.0)
    assert "cpu_percent was up to 99 %" in absent(ada)["brief"]
    assert "rule cpu-high wants 1m before it is worth an alert" in absent(ada)["brief"]


def test_explain_says_that_all_was_well(stage: Stage, ada: Person) -> None:
    stage.lasts(seconds=20, cpu_percent=10.0)
    assert absent(ada) == {"calm": "no value breached a threshold in the 15 min before"}


def test_explain_tells_a_silent_host_from_a_recorder_that_does_not_record(stage: Stage, ada: Person) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    stage.alive("web-2", seconds=10)
    stage.alive("web-2", seconds=10)
    stage.alive("web-2", seconds=5)
    assert "no sample of web-1 was stored" in absent(ada)["no-samples"]
    assert "not-recording" not in absent(ada)
    stage.forward(minutes=5)
    assert absent(ada)["not-recording"].startswith("Tocsin stored no sample of any host then")
    assert absent(ada)["not-checking"] == "no health check ran then, so nobody looked for silent hosts"


def test_explain_says_that_a_host_was_not_watched_yet(stage: Stage, ada: Person) -> None:
    stage.sample(host="web-9")
    before = (stage.now() - minutes(60)).isoformat()
    found = ada.asks("explain", "--host", "web-9", "--at", before)["findings"]
    assert [finding["kind"] for finding in found] == ["not-watched"]


def test_explain_says_when_the_reminder_comes_by_the_clock_of_the_planner(stage: Stage, ada: Person) -> None:
    stage.disk(CRITICAL)
    [reminder] = ada.asks("explain", "1")["next"]
    assert reminder["what"] == "a reminder to everybody who was told, unless somebody acknowledges it"
    due = datetime.fromisoformat(reminder["at"])
    stage.heard()
    stage.at(due - timedelta(seconds=2))
    stage.notify()
    assert stage.heard() == []
    stage.at(due)
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_explain_says_who_comes_next(
    escalating: Stage, ada: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_text(
        '[destinations.lead]\ntype = "console"\n'
        '[escalation.on-call]\nsteps = [{after = "15m", destinations = ["lead"]}]\n'
        '[[routes]]\ndestinations = ["slack"]\nescalation = "on-call"\n'
    )
    monkeypatch.setenv("TOCSIN_RULES", str(file))
    escalating.disk(CRITICAL)
    assert "step 1, unless somebody acknowledges it: lead will be told" in coming(ada)
    escalating.forward(minutes=16)
    assert "lead is told of it (escalated): an escalation step passes at once" in explained(ada)
