"""`tocsin templates`: which there are, what is wrong with yours, how they look and how yours differ."""

from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from notifications.examples import EXAMPLES
from tests.cli.conftest import Run
from tests.cli.ringing import ring
from tests.cli.test_notify import everything


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for templates of one's own, still empty."""
    own = tmp_path / "templates"
    own.mkdir()
    monkeypatch.setenv("TOCSIN_TEMPLATES", str(own))
    return own


@pytest.fixture
def broken(folder: Path) -> Path:
    (folder / "opened").mkdir()
    path = folder / "opened/lead.txt"
    path.write_text("Get up.\n{{ hots }}\n")
    return path


def test_the_list_says_whose_each_is(run: Run, broken: Path) -> None:
    lines = {line.split()[0]: line for line in run("templates", "list").out.splitlines()}
    assert lines["opened/lead.txt"].split() == ["opened/lead.txt", "yours:", str(broken), "opened"]
    assert lines["shared/lead.txt"].split() == ["shared/lead.txt", "built-in", "nothing"]
    assert lines["shared/style.css"].split() == ["shared/style.css", "built-in", "everything"]
    listed = {one["name"]: one for one in run("templates", "list", "--json").json}
    assert listed["opened/lead.txt"]["used_by"] == ["opened"]


def test_a_check_without_templates_of_ones_own_finds_nothing(run: Run) -> None:
    done = run("templates", "check")
    assert (done.code, done.out) == (0, f"{len(EXAMPLES)} messages were rendered: nothing is wrong\n")


@pytest.mark.usefixtures("broken")
def test_a_check_names_file_line_and_remedy_and_ends_with_1(run: Run, broken: Path) -> None:
    done = run("templates", "check")
    assert done.code == 1
    assert done.out.startswith(f"{broken}:2: there is no 'hots'; did you mean host?\n")
    assert done.out.endswith(f"{len(EXAMPLES)} messages were rendered: 1 finding\n")
    assert done.err == ""
    [finding] = run("templates", "check", "--json").json["findings"]
    assert (finding["path"], finding["line"]) == (str(broken), 2)


def test_a_check_looks_at_the_last_alerts_too(
    tocsin: Run, engine: Engine, redis: Redis, folder: Path
) -> None:
    ring(engine, redis, 99.0)
    (folder / "opened").mkdir()
    (folder / "opened/lead.txt").write_text("{% if component == 'drill:try' %}{{ 1 / 0 }}{% endif %}")
    before = everything(engine)
    done = tocsin("templates", "check")
    assert done.code == 1
    assert "opened/lead.txt:1: ZeroDivisionError: division by zero (in alert 1, opened at 20" in done.out
    assert f"{len(EXAMPLES) + 1} messages were rendered" in done.out
    assert everything(engine) == before


def test_a_preview_is_printed_or_written(run: Run, tmp_path: Path) -> None:
    assert run("templates", "preview", "opened").out.startswith("<!DOCTYPE html>")
    assert run("templates", "preview", "resolved", "--channel", "text").out.startswith("Subject: ")
    page = tmp_path / "page.html"
    done = run("templates", "preview", "digest", "--channel", "slack", "--out", str(page))
    assert done.out == f"written to {page}\n"
    assert '<article class="message">' in page.read_text()


def test_a_preview_of_a_broken_template_says_what_is_broken(run: Run, broken: Path) -> None:
    done = run("templates", "preview", "opened", "--channel", "text")
    assert "opened/lead.txt, line 2: UndefinedError: 'hots' is undefined" in done.out
    assert "template.broken" in done.err
    assert broken.exists()


def test_a_preview_may_be_of_a_real_alert(tocsin: Run, engine: Engine, redis: Redis) -> None:
    ring(engine, redis, 99.0)
    ring(engine, redis, 0.0)
    shown = tocsin("templates", "preview", "resolved", "--alert", "1", "--channel", "text")
    assert "RESOLVED web-1 drill:try" in shown.out
    assert "not once in the 30 days before" in shown.out
    none = tocsin("templates", "preview", "reminded", "--alert", "1")
    assert (none.code, none.err) == (1, "tocsin: alert 1 has no event 'reminded'; it has opened, resolved\n")
    gone = tocsin("templates", "preview", "opened", "--alert", "9")
    assert gone.err.startswith("tocsin: there is no alert 9; ")


def test_an_event_that_is_none_is_refused_with_the_one_that_was_meant(run: Run) -> None:
    done = run("templates", "preview", "openned")
    assert (done.code, done.err) == (
        2,
        "tocsin: EVENT: there is no event 'openned'; did you mean opened?\n",
    )


def test_a_copy_is_the_start_of_a_template_of_ones_own(run: Run, folder: Path) -> None:
    assert run("templates", "copy", "shared/footer.txt").code == 0
    copy = folder / "shared/footer.txt"
    same = run("templates", "diff")
    assert same.out == (
        "shared/footer.txt: the built-in is still the one that it was copied from\n"
        "  it says the same as the built-in\n"
    )
    copy.write_text(copy.read_text() + "Call 112.\n")
    assert "+Call 112." in run("templates", "diff", "shared/footer.txt").out
    [one] = run("templates", "diff", "--json").json
    assert (one["name"], one["origin"]) == ("shared/footer.txt", "current")
    again = run("templates", "copy", "shared/footer.txt")
    assert (again.code, again.err.partition("; ")[2]) == (1, "tocsin templates diff compares it\n")
    assert copy.read_text().endswith("Call 112.\n")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["shared/foter.txt", "../../etc/passwd", "/etc/passwd"])
def test_a_template_that_is_none_cannot_be_copied(run: Run, name: str) -> None:
    done = run("templates", "copy", name)
    assert (done.code, done.err.startswith(f"tocsin: there is no template '{name}'; ")) == (2, True)


@pytest.mark.parametrize("command", [["diff"], ["copy", "shared/footer.txt"]])
def test_without_a_folder_it_says_what_to_set(run: Run, command: list[str]) -> None:
    done = run("templates", *command)
    assert done.code == 2
    assert done.err.startswith("tocsin: TOCSIN_TEMPLATES is not set")
