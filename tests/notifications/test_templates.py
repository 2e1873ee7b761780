"""Templates of an operator's own go before ours; a broken one is named, and the page goes out anyway."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.alerts import EventKind
from notifications.rendering import Renderer
from notifications.template_sandbox import BUILT_IN
from tests.notifications.examples import FULL, RENDERER, notice

BROKEN = {
    "syntax": "{% if %}",
    "unknown name": "one\n{{ hots }}",
    "unknown filter": "{{ host | shout }}",
    "unclosed": "{% for x in rows %}",
    "way into Python": "{{ ''.__class__.__mro__ }}",
    "way by a filter": "{{ host | attr('__class__') | attr('__mro__') }}",
    "way by format": "{{ '{0.__class__.__mro__}'.format(host) }}",
    "huge range": "{% for x in range(10**9) %}x{% endfor %}",
    "long loop": "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    "loop over text": "{% for a in text %}{% for b in text %}{% endfor %}{% endfor %}{{ message.nothing }}",
    "huge output": "{% for a in range(9999) %}{{ reason }}{{ reason }}{% endfor %}",
    "huge product": "{{ 'x' * 10**9 }}",
    "huge power": "{{ 10 ** 10 ** 10 }}",
    "division by zero": "{{ 1 / 0 }}",
    "endless recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "path out": "{% include '../../../../etc/passwd' %}",
    "absolute path": "{% include '/etc/passwd' %}",
    "missing include": "{% include 'nothing.txt' %}",
    "changes a list": "{{ rows.append(1) }}",
    "wrong type": "{{ rows + 1 }}",
}


def overridden(directory: Path, name: str, source: str) -> Renderer:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    return Renderer(directory)


def test_a_template_of_ones_own_is_used(tmp_path: Path) -> None:
    renderer = overridden(tmp_path, "opened/subject.txt", "{{ severity }} on {{ host }}!")
    rendered = renderer.render(FULL)
    assert rendered.summary == "CRITICAL on web-1!"
    assert rendered.text.startswith("CRITICAL on web-1!\n")


def test_one_kind_of_event_can_have_a_page_of_its_own(tmp_path: Path) -> None:
    renderer = overridden(tmp_path, "opened/body.html", "<p>{{ host }}</p>")
    hostile = notice(host="<b>")
    assert "<p>&lt;b&gt;</p>" in renderer.render(hostile).html
    assert "<table" in RENDERER.render(hostile).html


def test_a_shared_part_of_ones_own_reaches_every_form(tmp_path: Path) -> None:
    rendered = overridden(tmp_path, "shared/footer.txt", "Call +44 20 7946 0000.").render(FULL)
    for form in (rendered.text, rendered.html, str(rendered.slack)):
        assert "Call +44 20 7946 0000." in form


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize(
    "name", ["opened/subject.txt", "shared/body.txt", "opened/body.html", "shared/slack.txt"]
)
def test_a_broken_template_gives_way_to_ours_and_is_named(tmp_path: Path, name: str, source: str) -> None:
    renderer = overridden(tmp_path, name, source)
    with capture_logs() as logs:
        rendered = renderer.render(FULL)
    assert rendered.summary == RENDERER.render(FULL).summary
    for form in (rendered.text, rendered.html, str(rendered.slack)):
        assert "built-in wording" in form
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("template.broken", "warning")]
    assert logs[0]["delivery"] == FULL.delivery_id


def test_a_broken_template_is_named_with_its_line(tmp_path: Path) -> None:
    with capture_logs() as logs:
        rendered = overridden(tmp_path, "opened/lead.txt", "one\ntwo {{ hots }}").render(FULL)
    assert logs[0]["problem"] == "opened/lead.txt, line 2: UndefinedError: 'hots' is undefined"
    assert "opened/lead.txt, line 2: UndefinedError: 'hots' is undefined" in rendered.text


def test_a_template_cannot_lead_out_of_its_directory(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the password")
    templates = tmp_path / "templates"
    (templates / "opened").mkdir(parents=True)
    (templates / "opened" / "lead.txt").symlink_to(secret)
    with capture_logs() as logs:
        rendered = Renderer(templates).render(FULL)
    assert "the password" not in rendered.text
    assert "leads out of" in logs[0]["problem"]


def test_a_template_of_a_megabyte_is_not_read(tmp_path: Path) -> None:
    with capture_logs() as logs:
        overridden(tmp_path, "opened/lead.txt", "x" * 1_000_000).render(FULL)
    assert "larger than" in logs[0]["problem"]


def test_a_template_that_is_no_text_gives_way(tmp_path: Path) -> None:
    (tmp_path / "opened").mkdir()
    (tmp_path / "opened" / "lead.txt").write_bytes(b"\xff\xfe\x00")
    with capture_logs() as logs:
        assert "97.2 %" in Renderer(tmp_path).render(FULL).text
    assert "UnicodeDecodeError" in logs[0]["problem"]


def test_a_repaired_template_is_used_at_once(tmp_path: Path) -> None:
    renderer = overridden(tmp_path, "opened/subject.txt", "{{ hots }}")
    with capture_logs():
        assert renderer.render(FULL).summary.startswith("CRITICAL web-1")
    (tmp_path / "opened" / "subject.txt").write_text("repaired: {{ host }}")
    assert renderer.render(FULL).summary == "repaired: web-1"


def test_directories_of_templates_that_are_gone_mean_ours(tmp_path: Path) -> None:
    assert Renderer(tmp_path / "gone").render(FULL) == RENDERER.render(FULL)


def test_where_nothing_can_be_rendered_the_fields_themselves_go_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own templates are replaced by broken ones, as a bad upgrade could do."""
    (tmp_path / "opened").mkdir()
    (tmp_path / "opened" / "subject.txt").write_text("{{ hots }}")
    monkeypatch.setattr("notifications.template_sandbox.BUILT_IN", tmp_path)
    with capture_logs() as logs:
        rendered = Renderer().render(notice(host="<b>web</b>", is_drill=True))
    assert [entry["event"] for entry in logs] == ["rendering.failed"]
    assert rendered.summary.startswith(
        "DRILL OPENED CRITICAL <b>web</b> cpu 97.2 % (limit 90.0) since 2026-11-21"
    )
    for part in ("at or above 90 %", "tocsin alerts ack 123", "https://wiki.example.com", "hots"):
        assert part in rendered.text
    assert "&lt;b&gt;web" in rendered.html
    assert "&lt;b&gt;web" in rendered.slack["text"]


def test_every_kind_of_event_but_the_first_has_its_words() -> None:
    for kind in set(EventKind) - {EventKind.OPENED}:
        has = [(BUILT_IN / kind / name).is_file() for name in ("subject.txt", "lead.txt")]
        assert any(has), kind
