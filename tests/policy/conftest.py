"""A file with rules, written and read by one call."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy import Policy, PolicyError, load
from settings import Settings
from settings import load as load_settings

Read = Callable[..., Policy]
Refuse = Callable[..., list[str]]

SETTINGS = load_settings({"HOST_NAME": "here"})


@pytest.fixture
def rules_file(tmp_path: Path) -> Path:
    return tmp_path / "tocsin.toml"


@pytest.fixture
def read(rules_file: Path) -> Read:
    """The policy of a file with the given text."""

    def of(text: str, settings: Settings = SETTINGS) -> Policy:
        rules_file.write_text(text, encoding="utf-8")
        return load(rules_file, settings)

    return of


@pytest.fixture
def refuse(read: Read) -> Refuse:
    """The sentences with which the given text is refused; none when it is not."""

    def of(text: str, settings: Settings = SETTINGS) -> list[str]:
        try:
            read(text, settings)
        except PolicyError as error:
            return [str(problem) for problem in error.problems]
        return []

    return of
