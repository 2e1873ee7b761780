"""`tocsin config show`, `rules` and `route`: what holds, and where it comes from."""

import json
from pathlib import Path

import pytest

from settings.model import Fields
from tests.cli.config_running import tocsin
from tests.settings.test_secrets import CANARY, RIGHT

EXAMPLE = ("--file", "tocsin.example.toml")


def test_it_shows_every_setting_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "port").write_text("25\n")
    environ = {"SMTP_PORT_FILE": str(tmp_path / "port"), "LOG_LEVEL": "Debug", "HEALTH_CPU_WARNING": ""}
    done = tocsin("config", "show", "--json", environ=environ)
    assert done.returncode == 0
    shown = {row["name"]: (row["value"], row["source"]) for row in json.loads(done.stdout)}
    assert list(shown) == [field.upper() for field in Fields.model_fields]
    assert shown["SMTP_PORT"] == (25, str(tmp_path / "port"))
    assert shown["LOG_LEVEL"] == ("debug", "environment variable LOG_LEVEL")
    assert shown["HEALTH_CPU_WARNING"] == (70, "default")


def test_it_shows_a_table_to_people() -> None:
    done = tocsin("config", "show", environ={"EMAIL_FROM": "a@b.c"})
    lines = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert lines["SETTING"] == ["VALUE", "SOURCE"]
    assert lines["HEALTH_CPU_WARNING"] == ["70", "default"]
    assert lines["EMAIL_FROM"] == ["a@b.c", "environment", "variable", "EMAIL_FROM"]
    assert lines["DATABASE_URL"] == ["-", "default"]
    assert lines["ALLOW_INSECURE"] == ["no", "default"]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_it_shows_no_secret(options: tuple[str, ...]) -> None:
    done = tocsin("config", "show", *options, environ=RIGHT)
    assert done.returncode == 0
    assert CANARY not in done.stdout + done.stderr
    assert "postgresql+psycopg://u:****@h/db" in done.stdout
    assert "https://hooks.slack.com/****" in done.stdout


def test_no_command_shows_a_secret_when_something_else_is_wrong() -> None:
    environ = RIGHT | {"SMTP_PORT": "0", "TOCSIN_RULES": "/nonexistent"}
    for command in (("config", "show"), ("config", "check"), ("config", "rules")):
        done = tocsin(*command, environ=environ)
        assert done.returncode == 2
        assert "SMTP_PORT: '0' is not a whole number" in done.stderr
        assert CANARY not in done.stdout + done.stderr


def test_it_refuses_to_show_half_of_a_wrong_environment() -> None:
    done = tocsin("config", "show", environ={"SMTP_PORT": "x"})
    assert (done.returncode, done.stdout) == (2, "")


def test_it_shows_the_rules_of_a_host_and_mount() -> None:
    done = tocsin("config", "rules", *EXAMPLE, "--host", "batch-1", "--mount", "/data", "--json")
    rules = {rule["name"]: rule for rule in json.loads(done.stdout)}
    assert rules["cpu-high"]["opens_after"] == 600
    assert (rules["disk-full"]["warning"], rules["disk-full"]["critical"]) == (70, 85)
    done = tocsin("config", "rules", *EXAMPLE, "--mount", "/mnt/archive")
    assert "cpu-high" in done.stdout
    assert "disk-full" not in done.stdout


def test_it_shows_who_would_be_told() -> None:
    done = tocsin("config", "route", *EXAMPLE, "--host", "db-1", "--component", "disk:/var")
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "at once: operations",
        "after 15m: operations (escalation nobody-answers)",
        "after 30m: operations, console (escalation nobody-answers)",
        "then every 30m until somebody acknowledges, 4 times at most",
    ]


def test_it_shows_who_would_be_told_to_programs() -> None:
    done = tocsin("config", "route", "--component", "cpu", "--severity", "warning", "--json")
    assert json.loads(done.stdout) == {
        "destinations": ["console"],
        "escalations": [],
        "hold": None,
        "fallbacks": {},
    }


def test_it_says_what_is_held_back(tmp_path: Path) -> None:
    file = tmp_path / "tocsin.toml"
    file.write_text('[[maintenance]]\nname = "always"\nstart = "00:00"\nduration = "1d"\n')
    done = tocsin("config", "route", "--component", "cpu", "--file", str(file))
    assert "held back now: maintenance always until " in done.stdout
