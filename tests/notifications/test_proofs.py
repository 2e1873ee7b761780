"""Proofs of templates: what is wrong with one is found before a page goes out, with file, line and remedy."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.examples import CPU, EXAMPLES
from notifications.proofs import Origin, catalogue, check, copied, differences, preview
from notifications.proofs.facts import readable
from notifications.rendering import Renderer
from notifications.template_sandbox import BUILT_IN
from tests.notifications.hostile import NAMES

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, source: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return path

    return written


def found(folder: Path, *names: str) -> list[str]:
    """What is wrong with the templates of a folder, tried on the opening of an alert and on a digest."""
    subjects = {name: EXAMPLES[name] for name in names or ("opened", "digest")}
    return [str(one).removeprefix(f"{folder}/") for one in check(folder, subjects)]


def test_nothing_is_wrong_with_the_built_in_ones() -> None:
    assert check(None, EXAMPLES) == []


def test_nothing_is_wrong_with_a_hostile_alert() -> None:
    """A name cut by its channel is no fault of a template; an empty one has no word to be looked for."""
    names = ("long", "empty", "right-to-left", "html", "entity", "paragraphs", "backticks", "marks")
    bad = {name: replace(CPU, host=NAMES[name], component=NAMES[name]) for name in names}
    wrong = [one for one in check(None, bad) if "lack the" not in one.fault]
    assert wrong == []


def test_every_template_of_ours_is_used_and_every_example_is_checked() -> None:
    assert [one.name for one in catalogue(None) if not one.used_by] == []
    seen: list[str] = []
    check(None, EXAMPLES, seen.append)
    assert seen == list(EXAMPLES)


WRONG = [
    ("opened/lead.txt", "one\n{{ hots }}", "opened/lead.txt:2: there is no 'hots'; did you mean host?"),
    ("opened/lead.txt", "{% if 0 %}{{ hots }}{% endif %}", "opened/lead.txt:1: there is no 'hots'; did you"),
    ("shared/broken.txt", "{{ host }}", "shared/broken.txt:1: there is no 'host'; docs/messages.md lists"),
    ("opened/lead.txt", "{% if %}", "opened/lead.txt:1: Expected an expression"),
    ("opened/body.txt", "{% for p in processes %}\n{{ p.nm }}{% endfor %}", "opened/body.txt:2: UndefinedE"),
    ("opened/lead.txt", "{{ 1 / 0 }}", "opened/lead.txt:1: ZeroDivisionError: division by zero (in opened)"),
    ("opened/boddy.html", "x", "opened/boddy.html: no event uses it; did you mean opened/body.html?"),
    ("opened/subject.txt", "{{ severity }} {{ host }} {{ value }}", "lack the component (in opened); say"),
    ("opened/subject.txt", "{{ reason }}" * 3, "characters longer than a lock screen (in opened); say less"),
    ("opened/body.html", "<p>{{ host }}</p>", "opened/body.html: processes.0.memory ('2,212 MB (13.7 %)')"),
    ("opened/body.txt", "nothing", "opened/body.txt: acknowledge ('tocsin alerts ack 123') is in body.html"),
    ("opened/slack.txt", "{{ reason }}\n" * 60, "opened/slack.txt: parts of it are cut, because Slack"),
    ("opened/body.html", "{{ '%09999d' | format(1) }}" * 11, "opened/body.html: the page has 107 kB, and"),
]


@pytest.mark.parametrize(("name", "source", "said"), WRONG)
def test_what_is_wrong_is_said_with_its_place(
    write: Write, tmp_path: Path, name: str, source: str, said: str
) -> None:
    write(name, source)
    assert any(said in one for one in found(tmp_path)), found(tmp_path)


def test_a_fault_is_said_once_however_many_messages_stumble_over_it(write: Write, tmp_path: Path) -> None:
    write("shared/footer.txt", "{{ hots }}")
    assert found(tmp_path) == ["shared/footer.txt:1: there is no 'hots'; did you mean host?"]


def test_a_good_template_of_ones_own_has_nothing_wrong(write: Write, tmp_path: Path) -> None:
    write("shared/footer.txt", copied("shared/footer.txt") + "Call 112.")
    assert found(tmp_path) == []


def test_a_fact_may_be_in_a_link_or_under_a_picture() -> None:
    page = '<head><title>no</title></head><p>97.2<b> %</b></p><img alt="the hour"><a href="https://e.example">x</a>'
    assert readable(page) == "97.2 % the hour https://e.example x"


def test_the_list_says_whose_a_template_is_and_who_uses_it(write: Write, tmp_path: Path) -> None:
    write("shared/lead.txt", "x")
    write("resolved/body.txt", "x")
    listed = {one.name: one for one in catalogue(tmp_path)}
    assert listed["shared/lead.txt"].override == tmp_path / "shared/lead.txt"
    assert listed["shared/lead.txt"].used_by == ("opened",)
    assert (listed["resolved/body.txt"].built_in, listed["resolved/body.txt"].used_by) == (
        False,
        ("resolved",),
    )
    assert "resolved" not in listed["shared/body.txt"].used_by
    assert listed["digest/footer.txt"].used_by == ("digest",)
    assert listed["shared/style.css"].override is None


def test_a_copy_says_the_same_and_knows_when_ours_has_changed(write: Write, tmp_path: Path) -> None:
    write("shared/footer.txt", copied("shared/footer.txt"))
    [same] = differences(tmp_path)
    assert (same.origin, list(same.lines)) == (Origin.CURRENT, [])
    assert Renderer(tmp_path).render(CPU).text == Renderer().render(CPU).text
    write("shared/footer.txt", "{# copied from the built-in 0123456789ab #}\nCall 112.\n")
    [changed] = differences(tmp_path)
    assert changed.origin is Origin.CHANGED
    assert "+Call 112." in changed.lines
    assert not any("copied from" in line for line in changed.lines)


def test_what_was_not_copied_is_compared_with_what_it_takes_the_place_of(
    write: Write, tmp_path: Path
) -> None:
    write("opened/lead.txt", "Get up.")
    [one] = differences(tmp_path)
    assert (one.origin, one.lines[0]) == (Origin.UNKNOWN, "--- built-in/shared/lead.txt")
    write("opened/lead.txt", (BUILT_IN / "shared/lead.txt").read_text())
    assert differences(tmp_path)[0].lines == ()


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("channel", ["email", "slack", "text"])
def test_every_example_has_a_preview(name: str, channel: str) -> None:
    subject = EXAMPLES[name]
    context, rendered = Renderer().proof(subject)
    shown = preview(subject, rendered, channel, "03:13 UTC")
    assert "cid:" not in shown
    assert context.severity in shown or "RESOLVED" in shown
    assert shown.startswith(
        {"email": "<!DOCTYPE html>", "slack": "<!doctype html>", "text": "Subject: "}[channel]
    )
