"""The form of a line: ours and a library's, for machines and for people, and without secrets."""

import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

import settings
from worker import logs

SetUp = Callable[..., None]


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    """Set the logs up with these settings; afterwards everything is as it was."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers, root.level

    def configured(**environ: str) -> None:
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        logs.set_up(settings.load(environ))

    yield configured
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.configure(**before)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_of_ours_has_its_event_and_fields(set_up: SetUp, capsys: pytest.CaptureFixture[str]) -> None:
    set_up()
    with structlog.contextvars.bound_contextvars(task="health.check", task_id="7"):
        structlog.get_logger().warning("delivery.failed", alert=12)
    (line,) = lines(capsys)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "delivery.failed",
        "level": "warning",
        "alert": 12,
        "task": "health.check",
        "task_id": "7",
    }


def test_a_line_of_a_library_has_its_logger_as_event(
    set_up: SetUp, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up()
    logging.getLogger("some.library").warning("%d things went wrong", 3)
    (line,) = lines(capsys)
    assert (line["event"], line["message"]) == ("some.library", "3 things went wrong")


@pytest.mark.parametrize("form", ["json", "columns"])
@pytest.mark.parametrize(
    "spelt", ['p%40ss"word-7', 'p@ss"word-7', "p%2540ss%22word-7"], ids=["in the URL", "plain", "quoted"]
)
def test_a_secret_that_a_library_quotes_is_masked(
    set_up: SetUp, capsys: pytest.CaptureFixture[str], form: str, spelt: str
) -> None:
    set_up(LOG_FORMAT=form, REDIS_URL='redis://u:p%40ss"word-7@127.0.0.1/0')
    logging.getLogger("some.library").warning("cannot log in with %s", spelt)
    said = capsys.readouterr().err
    assert "word-7" not in said
    assert "cannot log in" in said


def test_a_traceback_is_masked_and_shows_no_variables(
    set_up: SetUp, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up(FLOWER_PASSWORD="hunter2-hunter2")
    try:
        fail(["a", "variable"])
    except ValueError:
        structlog.get_logger().exception("delivery.channel_broken")
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "hunter2-hunter2" not in said
    assert "['a', 'variable']" not in said


def fail(local: list[str]) -> None:
    raise ValueError(f"the password hunter2-hunter2 is wrong, {len(local)}")
