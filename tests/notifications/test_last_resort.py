"""What people read when nothing can be worded any more, and what is kept of what they read."""

from dataclasses import fields, replace

from notifications import keepsake, last_resort
from notifications.rendering import Rendered
from tests.notifications.examples import FULL, RENDERER, notice

HEAD = "OPENED CRITICAL web-1 cpu 97.2 % (limit 90.0) since 2026-11-21 03:12:05+00:00"


def test_of_one_alert_everything_that_matters_is_said() -> None:
    said = last_resort.text([FULL], "the disk is gone")
    assert said.startswith(f"{HEAD} (alert {FULL.alert_id})\n")
    for name in ("message", "reason", "metric", "rule", "at", "opened_at", "acknowledge", "runbook_url"):
        assert f"\n{name}: {getattr(FULL, name)}" in said
    assert said.endswith("\n\nThis message could not be worded properly: the disk is gone")
    assert last_resort.summary([FULL]) == HEAD


def test_of_many_each_has_a_line_and_the_first_says_how_many_more() -> None:
    many = [FULL, notice(alert_id=2, host="web-2"), notice(alert_id=3, host="web-3", is_drill=True)]
    assert last_resort.summary(many) == f"{HEAD}, and 2 more"
    lines = last_resort.text(many, "x").splitlines()
    assert [line.rpartition(" (")[2] for line in lines[:3]] == ["alert 123)", "alert 2)", "alert 3)"]
    assert lines[2].startswith("DRILL OPENED CRITICAL web-3")
    assert lines[3] == ""


def test_what_was_sent_can_be_read_again_but_for_the_page() -> None:
    sent = RENDERER.render(FULL)
    assert keepsake.read(keepsake.written(sent)) == replace(sent, html="")


def test_what_no_document_may_hold_is_replaced_wherever_it_stands() -> None:
    nested = {"blocks": [{"text": "b\x00", "wide": True, "most": 3}]}
    written = keepsake.written(Rendered("a\x00b", "s\ud800", "", "", nested))
    assert written["summary"] == "a\ufffdb"
    assert written["subject"] == "s\ufffd"
    assert written["slack"] == {"blocks": [{"text": "b\ufffd", "wide": True, "most": 3}]}


def test_what_an_older_version_wrote_lacks_what_it_did_not_know() -> None:
    old = keepsake.read({"summary": "s"})
    assert {f.name: getattr(old, f.name) for f in fields(old)} == {
        "summary": "s",
        "subject": "",
        "text": "",
        "html": "",
        "slack": {},
        "preheader": "",
        "slack_chart": None,
    }
