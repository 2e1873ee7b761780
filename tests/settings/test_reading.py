"""Settings from files that NAME_FILE names."""

import os
from pathlib import Path

import pytest

from settings import load
from tests.settings.test_load import problems_of

CANARY = "c4n4ry"


def token_of(path: Path) -> str:
    settings = load({"SLACK_BOT_TOKEN_FILE": str(path), "SLACK_CHANNEL": "#a"})
    assert settings.slack_bot_token
    return settings.slack_bot_token.get_secret_value()


@pytest.mark.parametrize("content", ["xoxb-1", "xoxb-1\n", "xoxb-1\r\n", "\ufeffxoxb-1\n"])
def test_a_secret_is_what_the_file_holds_without_what_editors_add(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content.encode())
    assert token_of(path) == "xoxb-1"


def test_only_one_line_break_at_the_end_is_the_editors(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("xoxb-1\n\n")
    assert (
        "the token of a Slack bot holds a control character or a line break"
        in problems_of({"SLACK_BOT_TOKEN_FILE": str(path), "SLACK_CHANNEL": "#a"})[0]
    )


def test_every_setting_can_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "warning"
    path.write_text("42\n")
    assert load({"HEALTH_CPU_WARNING_FILE": str(path)}).health_cpu_warning == 42


def test_a_setting_and_its_file_together_are_refused(tmp_path: Path) -> None:
    assert problems_of({"SMTP_PORT": "25", "SMTP_PORT_FILE": str(tmp_path)}) == [
        "SMTP_PORT: SMTP_PORT and SMTP_PORT_FILE are both set; take one of them out"
    ]


def test_an_empty_name_of_a_file_counts_as_not_set() -> None:
    assert load({"SMTP_PORT": "25", "SMTP_PORT_FILE": ""}).smtp_port == 25


def make_missing(_: Path) -> None:
    """Leave the path free."""


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (make_missing, "which cannot be read (No such file or directory)"),
        (Path.mkdir, "which is not a file"),
        (os.mkfifo, "which is not a file"),
        (Path.touch, "which is empty"),
        (lambda path: path.write_text(" \n"), "which is empty"),
        (lambda path: path.write_bytes(b"x" * (64 * 1024 + 1)), "which is larger than 64 kB"),
        (lambda path: path.write_bytes("käse".encode("utf-16")), "which is not text in UTF-8"),
        (lambda path: path.symlink_to("/proc/self/mem"), "which cannot be read ("),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_its_name(
    tmp_path: Path, make: object, reason: str
) -> None:
    path = tmp_path / "s"
    assert callable(make)
    make(path)
    (found,) = problems_of({"FLOWER_PASSWORD_FILE": str(path)})
    assert found.startswith("FLOWER_PASSWORD: FLOWER_PASSWORD_FILE names '")
    assert reason in found


def test_a_secret_of_64_kb_is_not_too_long(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_bytes(b"x" * (64 * 1024))
    settings = load({"FLOWER_PASSWORD_FILE": str(path)})
    assert settings.flower_password
    assert len(settings.flower_password.get_secret_value()) == 64 * 1024


@pytest.mark.parametrize("value", [f"xoxb-{CANARY}", f"postgres://u:{CANARY}@h/db"])
def test_a_secret_in_place_of_the_path_of_its_file_is_not_repeated(value: str) -> None:
    (found,) = problems_of({"SLACK_BOT_TOKEN_FILE": value})
    assert found == (
        "SLACK_BOT_TOKEN: SLACK_BOT_TOKEN_FILE does not start with / or .;"
        " set SLACK_BOT_TOKEN_FILE to the path of a file"
    )


def test_a_path_with_a_nul_is_refused() -> None:
    assert "cannot be read (its path holds a NUL)" in problems_of({"FLOWER_PASSWORD_FILE": "/a\0b"})[0]


@pytest.mark.parametrize(("mode", "heard_of"), [(0o644, True), (0o640, False), (0o400, False)])
def test_it_warns_of_a_secret_that_everybody_may_read(tmp_path: Path, mode: int, *, heard_of: bool) -> None:
    path = tmp_path / "password"
    path.write_text("p")
    path.chmod(mode)
    heard: list[str] = []
    load({"FLOWER_PASSWORD_FILE": str(path)}, heard.append)
    assert [f"chmod o-r {path}" in sentence for sentence in heard] == [True] * heard_of


def test_it_does_not_warn_of_a_file_that_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "port"
    path.write_text("25")
    path.chmod(0o644)
    heard: list[str] = []
    load({"SMTP_PORT_FILE": str(path)}, heard.append)
    assert heard == []
