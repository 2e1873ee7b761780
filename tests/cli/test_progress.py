"""Long work shows how far it is, and never in the result."""

import pytest

from cli.progress import progress


def _told(total: int) -> None:
    with progress("working") as tell:
        for done in range(1, total + 1):
            tell(done, total, f"hour {done}")


def test_long_work_says_each_tenth_of_it_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _told(720)
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines()[:2] == ["72 of 720: hour 72", "144 of 720: hour 144"]
    assert told.err.splitlines()[-1] == "720 of 720: hour 720"
    assert len(told.err.splitlines()) == 10


def test_short_work_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    _told(5)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    _told(5)
    assert "5/5" in capsys.readouterr().err
