"""A notice is put into words that a tired person understands, whole without any of its optional parts."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.notice import Coming, Fact, Notice, OpenAlert, Told
from notifications.rendering import Rendered
from tests.notifications.examples import BARE, BREACH, FULL, RENDERER, notice
from tests.notifications.hostile import NAMES
from tests.notifications.markup import active, words
from tests.standins.slack_rules import refusal
from tests.standins.slack_view import shown

WORDS = re.compile(r"[\w&<>]+(?:[-,.:][\w&<>]+)*")
COLOUR = re.compile(r"▌#\w+")
LABELS = {"name"}  # heads of columns, of which the text has none
OPEN_SINCE = "web-1 cpu 97.2 % (limit 90 %) since 03:12 UTC"
SUBJECTS = {
    EventKind.OPENED: f"CRITICAL {OPEN_SINCE}",
    EventKind.WORSENED: f"CRITICAL {OPEN_SINCE}, was WARNING",
    EventKind.EASED: "WARNING web-1 cpu 97.2 % (under limit 90 %) since 03:12 UTC, was CRITICAL",
    EventKind.RESOLVED: "RESOLVED web-1 cpu 97.2 % (limit 90 %) at 03:26 UTC, was CRITICAL since 03:12 UTC",
    EventKind.ACKNOWLEDGED: f"ACKNOWLEDGED CRITICAL {OPEN_SINCE}, by anna",
    EventKind.REMINDED: f"CRITICAL {OPEN_SINCE}, not acknowledged",
    EventKind.ESCALATED: f"ESCALATED CRITICAL {OPEN_SINCE}",
    EventKind.FLAPPING: f"FLAPPING CRITICAL {OPEN_SINCE}",
    EventKind.SETTLED: f"SETTLED CRITICAL {OPEN_SINCE}",
    EventKind.UNACKNOWLEDGED: f"CRITICAL {OPEN_SINCE}, no longer acknowledged",
    EventKind.NOTED: f"NOTE on CRITICAL {OPEN_SINCE}",
}


def forms(rendered: Rendered) -> dict[str, str]:
    """The message as it is read in each of its forms."""
    return {
        "text": rendered.text,
        "html": words(rendered.html),
        "slack": COLOUR.sub("", shown(rendered.slack)),
    }


@pytest.mark.parametrize("kind", EventKind)
def test_the_subject_says_how_bad_where_how_much_and_since_when(kind: EventKind) -> None:
    severity = Severity.WARNING if kind is EventKind.EASED else Severity.CRITICAL
    rendered = RENDERER.render(notice(kind, severity=severity, acknowledged_by="anna"))
    assert rendered.summary == SUBJECTS[kind]


def test_a_drill_is_called_one_before_anything_else() -> None:
    rendered = RENDERER.render(notice(is_drill=True))
    assert rendered.summary.startswith("DRILL CRITICAL web-1")
    for form in forms(rendered).values():
        assert "nothing is wrong" in form


@pytest.mark.parametrize("kind", EventKind)
@pytest.mark.parametrize("name", ["h" * 300, "db-3.eu-west-1.compute.internal.example.com"])
def test_long_names_leave_the_rest_on_the_lock_screen(kind: EventKind, name: str) -> None:
    long = notice(
        kind,
        host=name,
        component=f"disk:/{name}",
        is_drill=True,
        breach_since=BREACH - timedelta(days=40),
        acknowledged_by=name,
    )
    summary = RENDERER.render(long).summary
    assert len(summary) <= 120
    for part in ("CRITICAL", "97.2 %", "90 %", "2026-10-12 03:12 UTC"):
        assert part in summary


def test_long_names_stand_in_full_where_there_is_room() -> None:
    rendered = RENDERER.render(
        notice(host="db-3.eu-west-1.compute.internal.example.com", component="d" * 200)
    )
    for form in forms(rendered).values():
        assert "db-3.eu-west-1.compute.internal.example.com" in form


@pytest.mark.parametrize("kind", EventKind)
def test_every_form_says_the_same(kind: EventKind) -> None:
    rendered = RENDERER.render(
        notice(
            kind,
            host="a & b <web-1>",
            acknowledged_by="anna & ben",
            acknowledged_at=BREACH,
            fallback_for="slack & <ops>",
            notes=("Nobody has taken it for 15 min; call <ben & anna>.",),
            runbook_url=None,
        )
    )
    said = set(WORDS.findall(rendered.text))
    for name, form in forms(rendered).items():
        assert said - set(WORDS.findall(form)) == set(), name
        assert set(WORDS.findall(form)) - said - LABELS == set(), name


def test_an_open_alert_says_how_to_take_it_and_what_to_look_at() -> None:
    for name, form in forms(RENDERER.render(FULL)).items():
        for part in ("tocsin alerts ack 123", "reindex", "310.5 %", "Also open on", "119", "23.5 of 100"):
            assert part in form, name
    assert "https://wiki.example.com/runbooks/cpu-high" in RENDERER.render(FULL).text


def test_a_resolved_alert_says_how_long_it_took_and_asks_for_nothing() -> None:
    over = BREACH + timedelta(minutes=14)
    rendered = RENDERER.render(notice(EventKind.RESOLVED, resolved_at=over, opened_at=BREACH))
    for form in forms(rendered).values():
        assert "14 min" in form
        assert "ack 123" not in form
        assert "postgres" not in form


def test_the_given_duration_counts_before_the_counted_one() -> None:
    assert "after 2 h." in RENDERER.render(notice(EventKind.RESOLVED, duration=timedelta(hours=2))).text


@pytest.mark.parametrize("kind", EventKind)
def test_a_notice_without_any_optional_part_is_whole(kind: EventKind) -> None:
    rendered = RENDERER.render(replace(BARE, kind=kind))
    for form in forms(rendered).values():
        assert "web-1" in form
        assert "None" not in form
        assert "Busiest" not in form
        assert "Health" not in form
    assert refusal(rendered.slack) is None


def test_what_could_not_be_read_is_unknown_and_not_zero() -> None:
    assert re.search(r"swap +unknown", RENDERER.render(FULL).text)


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    for link in ("javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "http://x/" + "y" * 3000):
        rendered = RENDERER.render(notice(runbook_url=link))
        assert "unbook" not in "".join(forms(rendered).values())


def test_a_link_cannot_end_early() -> None:
    rendered = RENDERER.render(notice(runbook_url='https://wiki.example.com/a|b>c<d "e`f'))
    assert "<https://wiki.example.com/a%7Cb%3Ec%3Cd%20%22e%60f|Open the runbook>" in str(rendered.slack)
    assert active(rendered.html) == []


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_hostile_names_stay_text_in_every_form(text: str) -> None:
    fact, other = Fact(name=text, value=1, unit=text), FULL.also_open[0]
    hostile = notice(
        host=text,
        component=text,
        rule=text,
        metric=text,
        unit=text,
        message=text,
        reason=text,
        acknowledge=text,
        processes=(replace(FULL.processes[0], name=text),),
        background=replace(
            FULL.background,
            told=(Told(destination=text),),
            coming=(Coming(at=None, what=text),),
        ),
        facts=(fact,),
        also_open=(replace(other, component=text, unit=text),),
        notes=(text,),
        fallback_for=text or None,
    )
    rendered = RENDERER.render(hostile)
    assert "could not be worded" not in rendered.text
    assert refusal(rendered.slack) is None
    assert active(rendered.html) == []
    assert "49" not in rendered.summary
    assert [c for c in rendered.text if not c.isprintable() and c != "\n"] == []


def test_many_and_long_parts_stay_within_what_slack_takes() -> None:
    many = notice(
        message="<&>" * 5000,
        reason="&" * 5000,
        notes=tuple("<" * 2000 for _ in range(20)),
        processes=FULL.processes * 50,
        also_open=FULL.also_open * 50,
        facts=tuple(Fact(name="&" * 100, value=1) for _ in range(100)),
    )
    rendered = RENDERER.render(many)
    assert refusal(rendered.slack) is None
    assert "(cut; full text: tocsin alerts show 123)" in shown(rendered.slack)
    assert "and 42 more" in rendered.text


@pytest.mark.parametrize(
    ("changes", "colour"),
    [
        ({}, "#b3261e"),
        ({"severity": Severity.WARNING}, "#8f5b00"),
        ({"kind": EventKind.RESOLVED}, "#1b6e3c"),
        ({"kind": EventKind.ACKNOWLEDGED}, "#1a5fb4"),
    ],
)
def test_the_colour_follows_how_bad_it_is_now(changes: dict[str, object], colour: str) -> None:
    rendered = RENDERER.render(replace(FULL, **changes))  # type: ignore[arg-type]
    assert [attachment["color"] for attachment in rendered.slack["attachments"]] == [colour]
    assert colour in rendered.html


def test_the_page_brings_its_style_along_and_knows_the_dark() -> None:
    page = RENDERER.render(FULL).html
    assert 'class="lead' not in page.split("style=")[0]
    assert "@media (prefers-color-scheme: dark)" in page
    assert "http" not in page.replace("https://wiki.example.com", "")
    assert len(page) < 40_000  # Gmail hides what comes after 102 kB


def test_no_number_is_said_to_be_none() -> None:
    rendered = RENDERER.render(notice(value=float("nan"), peak=float("inf")))
    assert "cpu no number (limit 90 %)" in rendered.summary


def test_another_open_alert_has_its_day_when_it_is_not_today() -> None:
    also = OpenAlert(
        alert_id=7,
        severity=Severity.WARNING,
        component="memory",
        value=81,
        unit="%",
        opened_at=BREACH - timedelta(days=1),
    )
    assert (
        "WARNING memory 81 % since 2026-11-20 03:12 UTC (alert 7)"
        in RENDERER.render(notice(also_open=(also,))).text
    )


def test_the_same_notice_is_worded_the_same() -> None:
    again: Notice = replace(FULL)
    assert RENDERER.render(again) == RENDERER.render(FULL)
