"""Loading the environment: defaults, every setting right and wrong, everything wrong at once."""

import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from settings import Settings, SettingsError, examine, load

RIGHT: Mapping[str, tuple[str, Any]] = {
    "HOST_NAME": ("web-1", "web-1"),
    "TOCSIN_HOME": ("/srv/tocsin", Path("/srv/tocsin")),
    "TOCSIN_RULES": ("/etc/tocsin.toml", Path("/etc/tocsin.toml")),
    "TOCSIN_TEMPLATES": ("/", Path("/")),
    "HEALTH_CPU_WARNING": (" 60.5 ", 60.5),
    "HEALTH_CPU_CRITICAL": ("99", 99.0),
    "HEALTH_MEMORY_WARNING": ("+10", 10.0),
    "HEALTH_MEMORY_CRITICAL": ("100", 100.0),
    "HEALTH_DISK_WARNING": ("0", 0.0),
    "HEALTH_DISK_CRITICAL": ("96.25", 96.25),
    "HEALTH_DATABASE_LATENCY_WARNING": ("250", 250.0),
    "ALERT_COOLDOWN_MINUTES": ("1", 1),
    "RETENTION_RAW_DAYS": ("1", 1),
    "RETENTION_HOURLY_DAYS": ("7", 7),
    "RETENTION_DAILY_DAYS": ("3650", 3650),
    "RETENTION_PACK_AFTER_DAYS": ("0", 0),
    "SLACK_API_URL": ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/"),
    "SMTP_PORT": ("65535", 65535),
    "SMTP_SECURITY": ("TLS", "tls"),
    "RUNBOOK_URL": ("http://wiki/alerts#rule-", "http://wiki/alerts#rule-"),
    "FLOWER_ADDRESS": ("::1", "::1"),
    "FLOWER_PORT": ("8080", 8080),
    "FLOWER_USERNAME": ("a" * 254, "a" * 254),
    "METRICS_ADDRESS": ("::1", "::1"),
    "METRICS_PORT": ("9100", 9100),
    "LOG_LEVEL": ("Debug", "debug"),
    "LOG_FORMAT": ("json", "json"),
    "ALLOW_INSECURE": ("yes", True),
}

WRONG = [
    ("DATABASE_URL", "mysql://u:p@h/db", "a URL of mysql is not one of PostgreSQL"),
    ("REDIS_URL", "http://cache/0", "a URL of http is not one of Redis"),
    ("HOST_NAME", "tocsin", "'tocsin' is the name under which Tocsin watches itself"),
    ("HOST_NAME", "web 1", "'web 1' is not the name of a host"),
    ("HOST_NAME", "web\u202e1", r"'web\u202e1' is not the name of a host"),
    ("HOST_NAME", "w" * 254, "is not the name of a host"),
    ("TOCSIN_HOME", "/srv\n/tocsin", "the value is not one path on one line"),
    ("TOCSIN_HOME", "~nobody-of-that-name/x", "starts with ~, and no such home is known"),
    ("TOCSIN_RULES", "/etc/\ttocsin.toml", "the value is not one path on one line"),
    (
        "TOCSIN_TEMPLATES",
        "/no/such",
        "'/no/such' cannot be read (No such file or directory); correct the path",
    ),
    ("TOCSIN_TEMPLATES", "/dev/null", "'/dev/null' is not a folder; name a folder"),
    ("TOCSIN_TEMPLATES", "/dev/null/x", "'/dev/null/x' cannot be read (Not a directory)"),
    ("TOCSIN_TEMPLATES", "/srv\n/x", "the value is not one path on one line"),
    ("HEALTH_CPU_WARNING", "ninety", "'ninety' is not a number from 0 to 100"),
    ("HEALTH_CPU_CRITICAL", "101", "'101' is not a number from 0 to 100"),
    ("HEALTH_MEMORY_WARNING", "-5", "'-5' is not a number from 0 to 100"),
    ("HEALTH_MEMORY_CRITICAL", "NaN", "'NaN' is not a number from 0 to 100"),
    ("HEALTH_DISK_WARNING", "inf", "'inf' is not a number from 0 to 100"),
    ("HEALTH_DISK_WARNING", "1e400", "'1e400' is not a number from 0 to 100"),
    ("HEALTH_DISK_WARNING", "7_0", "'7_0' is not a number from 0 to 100"),
    ("HEALTH_DISK_WARNING", "\u0667\u0660", "is not a number from 0 to 100"),
    ("HEALTH_DISK_CRITICAL", "90%", "'90%' is not a number from 0 to 100"),
    ("HEALTH_DISK_CRITICAL", "   ", "the value holds only spaces"),
    ("HEALTH_DATABASE_LATENCY_WARNING", "0", "'0' is not a number from 1 to 60000"),
    ("ALERT_COOLDOWN_MINUTES", "0", "'0' is not a whole number from 1 to 1440"),
    ("ALERT_COOLDOWN_MINUTES", "1441", "'1441' is not a whole number from 1 to 1440"),
    ("RETENTION_RAW_DAYS", "0", "'0' is not a whole number from 1 to 36500"),
    ("RETENTION_HOURLY_DAYS", "-1", "'-1' is not a whole number from 1 to 36500"),
    ("RETENTION_DAILY_DAYS", "1.5", "'1.5' is not a whole number from 1 to 36500"),
    (
        "RETENTION_PACK_AFTER_DAYS",
        "-1",
        "'-1' is not a whole number from 0 to 36500; set it to days such as 3",
    ),
    ("SLACK_WEBHOOK_URL", "http://hooks.slack.com/services/T/B/X", "the URL is not encrypted"),
    ("SLACK_BOT_TOKEN", "my-token", "the value is not a token of a Slack bot"),
    ("SLACK_APP_TOKEN", "xoxb-1", "the value is not a token of a Slack app, which starts with xapp-"),
    ("SLACK_CHANNEL", "x" * 81, "is not a channel of Slack"),
    ("SLACK_API_URL", "ftp://slack.com/", "the URL is not a web address"),
    ("SMTP_HOST", "m" * 254, "is not the name or the address of a machine"),
    ("SMTP_HOST", "mail server", "'mail server' is not the name or the address of a machine"),
    ("SMTP_PORT", "0", "'0' is not a whole number from 1 to 65535"),
    ("SMTP_PORT", "65536", "'65536' is not a whole number from 1 to 65535"),
    ("SMTP_USERNAME", "a\x7fb", "is not a user name"),
    ("SMTP_PASSWORD", "two\nlines", "the password holds a control character or a line break"),
    ("SMTP_SECURITY", "ssl", "'ssl' is not one of starttls, tls, none"),
    ("EMAIL_FROM", "tocsin", "'tocsin' is not an e-mail address"),
    ("EMAIL_FROM", "Tocsin\n <a@b.c>", "is not an e-mail address"),
    ("EMAIL_TO", "a@b.c, oncall", "'oncall' is not an e-mail address"),
    ("EMAIL_TO", "a@b.c\nBcc: x@y.z", "is not an e-mail address"),
    ("EMAIL_TO", "ä@b.c", "is not an e-mail address"),
    ("EMAIL_TO", ",".join(f"a{n}@b.c" for n in range(51)), "from 1 to 50; use a mailing list for more"),
    ("EMAIL_TO", " , ", "0 addresses are not from 1 to 50; write at least one"),
    ("EMAIL_TO", "a..b@c.d", "'a..b@c.d' is not an e-mail address"),
    ("EMAIL_TO", "a@" + "b" * 260, "is not an e-mail address"),
    ("EMAIL_FROM", "a@b..c", "'a@b..c' is not an e-mail address"),
    ("WATCHDOG_PING_URL", "ping.example.com", "the value is not a URL"),
    ("WATCHDOG_PING_URL", "https://ping.example\x7f/", "a space, a line break or a control character"),
    ("WATCHDOG_PING_URL", "https://ping example/", "a space, a line break or a control character"),
    ("RUNBOOK_URL", "https://user@wiki/", "the URL holds a user name"),
    ("FLOWER_ADDRESS", "0.0.0.0:5555", "is not the name or the address of a machine"),
    ("FLOWER_PORT", "http", "'http' is not a whole number from 1 to 65535"),
    ("FLOWER_USERNAME", "a" * 255, "is not a user name"),
    ("FLOWER_USERNAME", "a:b", "'a:b' is not a user name"),
    ("FLOWER_PASSWORD", "a\tb", "the password holds a control character or a line break"),
    ("METRICS_ADDRESS", "http://localhost", "is not the name or the address of a machine"),
    ("METRICS_PORT", "0", "'0' is not a whole number from 1 to 65535"),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://127.0.0.1:4318", "the URL is not a web address"),
    (
        "OTEL_EXPORTER_OTLP_HEADERS",
        "a=b\nc=d",
        "the list of headers holds a control character or a line break",
    ),
    ("METRICS_TOKEN", "a\nb", "the token holds a control character or a line break"),
    ("LOG_LEVEL", "verbose", "'verbose' is not one of debug, info, warning, error"),
    ("LOG_FORMAT", "colums", "'colums' is not one of auto, columns, json"),
    ("ALLOW_INSECURE", "maybe", "'maybe' is neither yes nor no"),
]


def problems_of(environ: Mapping[str, str]) -> list[str]:
    """The sentences with which an environment is refused; none when it is not."""
    try:
        load(environ)
    except SettingsError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_it_needs_nothing_at_all() -> None:
    settings = load({})
    assert settings.database_url is None
    assert settings.redis_url is None
    assert settings.host_name == socket.gethostname()
    assert settings.tocsin_home == Path.home() / ".local/share/tocsin"


def test_it_has_the_clients_defaults() -> None:
    settings = load({})
    assert (settings.health_cpu_warning, settings.health_cpu_critical) == (70, 90)
    assert (settings.health_memory_warning, settings.health_memory_critical) == (75, 90)
    assert (settings.health_disk_warning, settings.health_disk_critical) == (80, 95)
    assert settings.health_database_latency_warning == 1000
    assert settings.alert_cooldown_minutes == 15
    assert (settings.retention_raw_days, settings.retention_hourly_days) == (30, 90)
    assert settings.retention_daily_days == 365
    assert (settings.smtp_port, settings.smtp_security, settings.flower_port) == (587, "starttls", 5555)


@pytest.mark.parametrize("name", RIGHT)
def test_it_takes_a_right_value(name: str) -> None:
    text, value = RIGHT[name]
    assert getattr(load({name: text}), name.lower()) == value


@pytest.mark.parametrize(("name", "text", "sentence"), WRONG)
def test_it_refuses_a_wrong_value_in_a_sentence(name: str, text: str, sentence: str) -> None:
    found = problems_of({name: text})
    assert len(found) == 1
    assert found[0].startswith(f"{name}: ")
    assert sentence in found[0]
    assert "; " in found[0], "a sentence says what to do"
    assert "\n" not in found[0]


def test_every_setting_is_wrong_once_in_the_table_above() -> None:
    assert {name for name, _, _ in WRONG} == {field.upper() for field in Settings.model_fields}


def test_it_says_the_clients_sentence() -> None:
    assert problems_of({"HEALTH_CPU_WARNING": "ninety"}) == [
        "HEALTH_CPU_WARNING: 'ninety' is not a number from 0 to 100; set it to a percentage such as 70"
    ]


def test_it_names_everything_that_is_wrong_at_once() -> None:
    first = {name: (text, sentence) for name, text, sentence in reversed(WRONG)}
    found = problems_of({name: text for name, (text, _) in first.items()})
    assert len(found) == len(first)
    for name, (_, sentence) in first.items():
        assert any(f.startswith(f"{name}: ") and sentence in f for f in found)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("1", True), (" Yes ", True), ("on", True), ("0", False), ("no", False), ("FALSE", False)],
)
def test_yes_and_no_have_several_spellings(text: str, *, allowed: bool) -> None:
    assert load({"ALLOW_INSECURE": text}).allow_insecure is allowed


def test_a_ping_needs_no_encryption() -> None:
    ping = load({"WATCHDOG_PING_URL": "http://ping.example.com/x"}).watchdog_ping_url
    assert ping
    assert ping.get_secret_value() == "http://ping.example.com/x"


def test_an_empty_value_counts_as_not_set() -> None:
    assert load({"HEALTH_CPU_WARNING": "", "DATABASE_URL": "", "EMAIL_TO": ""}) == load({})


def test_text_that_is_not_utf8_is_refused() -> None:
    assert problems_of({"RUNBOOK_URL": "https://wiki/\udcff"}) == [
        "RUNBOOK_URL: the value is not text in UTF-8; write it as UTF-8"
    ]


def test_recipients_are_separated_by_commas_and_kept_once() -> None:
    mail = {"SMTP_HOST": "mail", "EMAIL_FROM": "Tocsin <t@b.c>"}
    settings = load(mail | {"EMAIL_TO": "a@b.c, d@e.f,a@b.c,"})
    assert settings.email_to == ("a@b.c", "d@e.f")
    assert settings.email_from == "Tocsin <t@b.c>"


def test_the_home_follows_the_environments_home_unless_it_has_a_place_of_its_own() -> None:
    assert load({"HOME": "/home/ops"}).tocsin_home == Path("/home/ops/.local/share/tocsin")
    assert load({"HOME": "/home/ops", "TOCSIN_HOME": "/srv/tocsin"}).tocsin_home == Path("/srv/tocsin")


def test_fifty_people_can_be_told() -> None:
    mail = {"SMTP_HOST": "mail", "EMAIL_FROM": "t@b.c"}
    assert len(load(mail | {"EMAIL_TO": ",".join(f"a{n}@b.c" for n in range(50))}).email_to) == 50


def test_what_is_no_secret_may_be_in_a_file_beside_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people").write_text("ada@example.com\n")
    mail = {"SMTP_HOST": "mail", "EMAIL_FROM": "t@b.c"}
    assert load(mail | {"EMAIL_TO_FILE": "people"}).email_to == ("ada@example.com",)


def test_what_is_wrong_together_is_named_beside_what_is_wrong_alone() -> None:
    examined = examine({"SMTP_HOST": "m", "EMAIL_TO": "a@b.c", "LOG_LEVEL": "x", "HEALTH_CPU_WARNNIG": "5"})
    said = [str(problem).partition(":")[0] for problem in examined.problems]
    assert said == ["HEALTH_CPU_WARNNIG", "LOG_LEVEL", "SMTP_HOST"]
    assert examined.warnings == ()


def test_that_insecure_ways_are_open_is_mentioned() -> None:
    heard: list[str] = []
    load({"ALLOW_INSECURE": "1"}, heard.append)
    assert [sentence.partition(":")[0] for sentence in heard] == ["ALLOW_INSECURE"]


def test_ten_years_are_no_long_retention_yet() -> None:
    heard: list[str] = []
    load({"RETENTION_RAW_DAYS": "3650"}, heard.append)
    assert heard == []


def test_paths_are_absolute_whatever_was_written() -> None:
    settings = load({"TOCSIN_RULES": "tocsin.toml", "TOCSIN_HOME": "~/state"})
    assert settings.tocsin_rules == Path.cwd() / "tocsin.toml"
    assert settings.tocsin_home == Path.home() / "state"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("mode", [0o300, 0o600, 0o000])
def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    try:
        (found,) = problems_of({"TOCSIN_TEMPLATES": str(tmp_path)})
    finally:
        tmp_path.chmod(0o700)
    assert "cannot be read (Permission denied); correct the rights of the folder" in found


def test_a_machine_with_an_impossible_name_is_told_to_set_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "tocsin")
    assert problems_of({}) == [
        "HOST_NAME: 'tocsin' is the name under which Tocsin watches itself; give the host another"
    ]
    assert load({"HOST_NAME": "bell"}).host_name == "bell"


def test_a_very_long_retention_is_allowed_and_mentioned() -> None:
    heard: list[str] = []
    load({"RETENTION_RAW_DAYS": "36500"}, heard.append)
    assert heard == ["RETENTION_RAW_DAYS: 36500 days are 100 years; the disk has to be as large"]


@pytest.mark.parametrize(
    ("url", "mentioned"),
    [
        ("https://hooks.slack.com/services/T/B/X", False),
        ("https://hooks.slack-gov.com/services/T/B/X", False),
        ("http://127.0.0.1:8080/hook", False),
        ("https://hooks.slakc.com/services/T/B/X", True),
        ("https://notslack.com/services/T/B/X", True),
    ],
)
def test_a_webhook_that_is_not_slacks_is_mentioned_without_its_path(url: str, *, mentioned: bool) -> None:
    heard: list[str] = []
    load({"SLACK_WEBHOOK_URL": url}, heard.append)
    assert len(heard) == mentioned
    assert "T/B/X" not in "".join(heard)


def test_settings_cannot_be_changed() -> None:
    settings = load({})
    with pytest.raises(ValidationError, match="frozen"):
        settings.smtp_port = 25


def test_settings_by_keyword_are_held_to_the_same_laws() -> None:
    assert Settings(health_cpu_warning=10, email_to=()).health_cpu_warning == 10
    with pytest.raises(SettingsError, match="must be below HEALTH_CPU_CRITICAL"):
        Settings(health_cpu_warning=95)
    with pytest.raises(ValidationError):
        Settings(smtp_port=0)


def test_loading_twice_gives_the_same() -> None:
    environ = {"DATABASE_URL": "postgres://u:p%40@h/db", "REDIS_URL": "redis+socket:///tmp/r?virtual_host=2"}
    settings = load(environ)
    assert Settings.model_validate(dict(settings)) == settings
