"""The policy without a file."""

from dataclasses import fields
from datetime import timedelta

import pytest

from domain.alerts import Rule
from domain.sample import Disk, SystemSample
from domain.severity import Severity
from policy import COMPONENTS, METRICS, Origin, Policy, load
from policy.builtin import environment
from policy.destinations import Email, SlackBot, SlackWebhook
from settings import examine
from settings import load as load_settings
from tests.policy.conftest import Read

SLACK = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X"}
BOT = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_CHANNEL": "#alerts"}
MAIL = {"SMTP_HOST": "mail", "EMAIL_FROM": "t@b.c", "EMAIL_TO": "a@b.c,d@e.f"}


def policy(environ: dict[str, str] | None = None) -> Policy:
    return load(None, load_settings(environ or {}))


def rule(policy: Policy, component: str, mount: str | None = None) -> Rule:
    (found,) = policy.rules_for("web-1", component, mount)
    return found


@pytest.mark.parametrize(
    ("component", "name", "thresholds", "opens_after"),
    [
        ("cpu", "cpu-high", (70, 90), 60),
        ("memory", "memory-high", (75, 90), 30),
        ("disk", "disk-full", (80, 95), 0),
        ("host", "no-data", (None, 15), 0),
        ("database", "database-slow", (1000, None), 30),
        ("name", "name-shared", (2, None), 60),
        ("watchdog", "unwatched", (60, None), 0),
    ],
)
def test_it_has_the_promised_rules(
    component: str, name: str, thresholds: tuple[float | None, float | None], opens_after: int
) -> None:
    found = rule(policy(), component, "/" if component == "disk" else None)
    assert found.name == name
    assert (found.warning, found.critical) == thresholds
    assert found.opens_after == found.resolves_after == timedelta(seconds=opens_after)


def test_its_thresholds_are_those_of_the_environment() -> None:
    found = rule(policy({"HEALTH_CPU_WARNING": "33", "HEALTH_CPU_CRITICAL": "44"}), "cpu")
    assert (found.warning, found.critical) == (33, 44)


@pytest.mark.parametrize(("warning", "margin"), [("70", 5), ("10", 5), ("6", 3), ("0", 0)])
def test_a_low_threshold_has_a_margin_that_can_be_passed(warning: str, margin: float) -> None:
    found = rule(policy({"HEALTH_CPU_WARNING": warning}), "cpu")
    assert found.clear_margin == margin


def test_the_margin_of_what_is_no_percentage_follows_its_threshold() -> None:
    assert rule(policy({"HEALTH_DATABASE_LATENCY_WARNING": "200"}), "database").clear_margin == 10


def test_components_without_a_rule_have_none() -> None:
    assert policy().rules_for("web-1", "network") == ()


@pytest.mark.parametrize(
    ("environ", "names"),
    [
        ({}, ("console",)),
        (SLACK, ("slack",)),
        (MAIL, ("email",)),
        (SLACK | MAIL, ("slack", "email")),
    ],
)
def test_every_alert_goes_to_everybody_there_is(environ: dict[str, str], names: tuple[str, ...]) -> None:
    for severity in Severity:
        assert policy(environ).route(host="h", component="cpu", severity=severity) == names


@pytest.mark.parametrize(
    "names",
    [
        ("SLACK_BOT_TOKEN",),
        ("SLACK_CHANNEL",),
        ("EMAIL_TO",),
        ("EMAIL_TO", "SMTP_HOST"),
        ("EMAIL_TO", "EMAIL_FROM"),
        ("SMTP_HOST", "EMAIL_FROM"),
    ],
)
def test_half_of_a_destination_is_none(names: tuple[str, ...]) -> None:
    """As `tocsin config check` sees it, which goes on to the file though the environment is wrong."""
    environ = {name: (BOT | MAIL)[name] for name in names}
    assert environment(examine(environ).fields) == {}


def test_a_destination_has_what_its_channel_needs() -> None:
    destinations = policy(SLACK | MAIL | {"SMTP_PORT": "25"}).destinations
    webhook, email = destinations["slack"], destinations["email"]
    assert isinstance(webhook, SlackWebhook)
    assert webhook.url.get_secret_value() == SLACK["SLACK_WEBHOOK_URL"]
    assert webhook.recipients == ("",)
    assert isinstance(email, Email)
    assert (email.host, email.port, email.sender) == ("mail", 25, "t@b.c")
    assert email.recipients == ("a@b.c", "d@e.f")


def test_the_console_is_there_to_be_named_by_routes_whoever_else_is(read: Read) -> None:
    settings = load_settings(SLACK)
    assert "console" in load(None, settings).destinations
    assert read('[[routes]]\ndestinations = "console"\n', settings).routes


def test_a_bot_goes_before_a_webhook() -> None:
    assert isinstance(policy(SLACK | BOT).destinations["slack"], SlackBot)


def test_cooldown_and_repeats_are_the_promised_ones() -> None:
    found = policy({"ALERT_COOLDOWN_MINUTES": "3"})
    assert found.cooldown == timedelta(minutes=3)
    assert found.repeat == {
        Severity.CRITICAL: timedelta(minutes=15),
        Severity.WARNING: timedelta(minutes=60),
    }


def test_secrets_are_not_in_its_repr() -> None:
    shown = repr(policy(SLACK | MAIL | {"SMTP_USERNAME": "u", "SMTP_PASSWORD": "c4n4ry"}))
    assert "c4n4ry" not in shown
    assert "services/T/B/X" not in shown


def test_every_metric_is_read_from_a_field_that_exists() -> None:
    of_system = {field.name for field in fields(SystemSample)}
    of_disk = {field.name for field in fields(Disk)}
    for metric in METRICS.values():
        expected = {Origin.SYSTEM: of_system, Origin.DISK: of_disk, Origin.HEALTH: {""}}[metric.origin]
        assert metric.attribute in expected
        assert metric.component in COMPONENTS


def test_a_component_of_a_partition_names_its_mount() -> None:
    assert METRICS["disk_percent"].component_of("/var") == "disk:/var"
    assert METRICS["cpu_percent"].component_of() == "cpu"
