"""The policy in force: a good change takes hold, a bad one is refused loudly and changes nothing."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

import settings
from domain.severity import Severity
from settings import ConfigurationError
from worker.live_policy import LivePolicy

GOOD = '[repeat]\ncritical = "{}m"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "tocsin.toml"
    file.write_text(GOOD.format(20))
    return file


def live(file: Path) -> LivePolicy:
    return LivePolicy(settings.load({"TOCSIN_RULES": str(file)}))


def rewrite(file: Path, text: str) -> None:
    """Write, with another time than before, however fast the test is."""
    before = file.stat().st_mtime_ns
    file.write_text(text)
    os.utime(file, ns=(before + 1_000_000_000, before + 1_000_000_000))


def test_a_change_of_the_file_takes_hold(file: Path) -> None:
    rules = live(file)
    assert rules.current.repeat[Severity.CRITICAL] == timedelta(minutes=20)
    rewrite(file, GOOD.format(5))
    assert rules.current.repeat[Severity.CRITICAL] == timedelta(minutes=5)


@pytest.mark.parametrize("bad", ["[repeat", '[repaet]\ncritical = "5m"\n', GOOD.replace("m", "soon")])
def test_a_bad_file_keeps_the_rules_and_says_so(file: Path, bad: str) -> None:
    rules = live(file)
    rewrite(file, bad)
    assert rules.current.repeat[Severity.CRITICAL] == timedelta(minutes=20)
    assert rules.problem is not None
    assert "tocsin.toml" in rules.problem


def test_a_file_that_went_away_keeps_the_rules_and_says_so(file: Path) -> None:
    rules = live(file)
    file.unlink()
    assert rules.current.repeat[Severity.CRITICAL] == timedelta(minutes=20)
    assert rules.problem is not None


def test_when_it_is_mended_nothing_is_left_of_the_problem(file: Path) -> None:
    rules = live(file)
    rewrite(file, "[repeat")
    assert rules.current.repeat[Severity.CRITICAL] == timedelta(minutes=20)
    rewrite(file, GOOD.format(7))
    assert rules.current.repeat[Severity.CRITICAL] == timedelta(minutes=7)
    assert rules.problem is None


def test_a_bad_file_at_the_start_starts_nothing(file: Path) -> None:
    file.write_text("[repeat")
    with pytest.raises(ConfigurationError):
        live(file)
