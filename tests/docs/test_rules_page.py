"""docs/rules.md tells the truth: each of its files is right, and does what the words around it say."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.severity import Severity
from policy import METRICS, Policy, Webhook, load
from policy.durations import duration
from policy.file import schema
from settings import load as load_settings

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
# The examples, by the heading under which each stands.
SECTIONS = dict(re.findall(r"^#+ (.+)\n((?:(?!#+ ).*\n)+)", PAGE, re.MULTILINE))
EXAMPLES = {
    heading: "".join(re.findall(r"```toml\n(.*?)```", text, re.DOTALL))
    for heading, text in SECTIONS.items()
    if "```toml" in text
}
SECRETS = {
    "slack-database": "https://hooks.slack.com/services/T/B/X",
    "slack-token": "xoxb-1",
    "tickets-url": "http://10.1.2.3/hook",
    "tickets-key": "k",
}
SETTINGS = load_settings(
    {
        "HOST_NAME": "here",
        "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T/B/X",
        "SMTP_HOST": "mail",
        "EMAIL_FROM": "tocsin@example.com",
        "EMAIL_TO": "oncall@example.com",
    }
)


def cells(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    lines = [line for line in SECTIONS[heading].splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


@pytest.fixture
def policy(request: pytest.FixtureRequest, tmp_path: Path) -> Policy:
    """The policy of the example under the heading that a test names."""
    (tmp_path / "secrets").mkdir()
    for name, secret in SECRETS.items():
        (tmp_path / "secrets" / name).write_text(secret)
    file = tmp_path / "tocsin.toml"
    file.write_text(EXAMPLES[request.param])
    return load(file, SETTINGS)


def example(heading: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("policy", [heading], indirect=True)


def test_there_is_an_example_for_everything() -> None:
    sections = re.findall(r"^\[+([a-z_]+)", "".join(EXAMPLES.values()), re.MULTILINE)
    assert set(sections) == {
        "rules",
        "tags",
        "destinations",
        "routes",
        "escalation",
        "repeat",
        "acknowledgement",
        "maintenance",
        "quiet_hours",
    }
    assert PAGE.count("```toml") == len(EXAMPLES)


@pytest.mark.parametrize("policy", EXAMPLES, indirect=True, ids=str)
def test_each_example_is_right_and_nothing_about_it_is_odd(policy: Policy) -> None:
    assert policy.oddities == ()


def test_the_built_in_rules_are_those_of_the_page() -> None:
    policy = load(None, SETTINGS)
    known = {rule.name: rule for m in METRICS.values() for rule in policy.rules_for("h", m.component, "/")}
    rows = cells("Rules")
    assert [row[0].strip("`") for row in rows] == list(known)
    for name, watched, warning, critical, lasts in rows:
        rule = known[name.strip("`")]
        assert watched.startswith(f"`{rule.metric}`")
        assert [warning, critical] == [f"{t:g}" if t else "-" for t in (rule.warning, rule.critical)]
        assert duration(lasts) == rule.opens_after


def test_every_metric_is_on_the_page() -> None:
    assert cells("A rule of your own") == [
        [f"`{m.name}`", m.component, m.unit or "-", m.description] for m in METRICS.values()
    ]


@example("For some hosts")
def test_a_rule_is_changed_on_its_hosts(policy: Policy) -> None:
    (changed,), (usual,) = policy.rules_for("batch-7", "cpu"), policy.rules_for("web-1", "cpu")
    assert (changed.warning, changed.critical, changed.opens_after) == (70, 98, timedelta(minutes=10))
    assert (usual.critical, usual.opens_after) == (90, timedelta(seconds=60))


@example("For some mounts")
def test_a_rule_is_changed_on_its_mounts(policy: Policy) -> None:
    (changed,) = policy.rules_for("db-1", "disk", "/var/lib/postgresql/16")
    assert (changed.warning, changed.critical) == (70, 85)
    assert policy.rules_for("web-1", "disk", "/scratch") == ()
    assert policy.rules_for("db-1", "disk", "/scratch") != ()


@example("A rule of your own")
def test_a_rule_is_added(policy: Policy) -> None:
    added = policy.rules_for("web-1", "memory")[-1]
    assert (added.metric, added.clear_margin, added.resolves_after) == ("swap_percent", 10, duration("2m"))


@example("Tags")
def test_tags_and_hosts_together_name_the_hosts(policy: Policy) -> None:
    warnings = [policy.rules_for(host, "memory")[0].warning for host in ("web-1", "db-1", "lab-1")]
    assert warnings == [85, 85, 75]
    told = [told_of(policy, f"{host} cpu warning") for host in ("lab-1", "old-printer", "web-1")]
    assert told == ["console", "console", "slack, email"]


@example("Destinations")
def test_destinations_are_as_the_page_says(policy: Policy) -> None:
    found = policy.destinations
    assert (found["database-channel"].fallback, found["database-channel"].per_minute) == ("database-team", 20)
    assert found["incidents"].per_minute == 30
    tickets = found["tickets"]
    assert isinstance(tickets, Webhook)
    assert tickets.allow_private


def told_of(policy: Policy, alert: str) -> str:
    host, component, severity = alert.split()
    return ", ".join(policy.route(host=host, component=component, severity=Severity(severity)))


@example("Routes")
def test_everybody_is_told_whom_the_page_names(policy: Policy) -> None:
    rows = cells("Routes")
    assert len(rows) == 5
    assert rows == [[alert, told_of(policy, alert.strip("`"))] for alert, _ in rows]


@example("Escalation")
def test_steps_are_those_of_the_page(policy: Policy) -> None:
    about = {"host": "web-1", "component": "cpu"}
    (steps,) = policy.escalate(**about, severity=Severity.CRITICAL)
    assert [step.after for step in steps.steps] == [duration("15m"), duration("30m")]
    assert steps.repeat == duration("30m")
    assert policy.escalate(**about, severity=Severity.WARNING) == ()


@example("Reminders")
def test_reminders_are_as_the_page_says(policy: Policy) -> None:
    assert load(None, SETTINGS).repeat == {
        Severity.CRITICAL: duration("15m"),
        Severity.WARNING: duration("60m"),
    }
    assert policy.repeat == {Severity.CRITICAL: duration("10m")}


@example("Acknowledgements")
def test_acknowledgements_expire_as_the_page_says(policy: Policy) -> None:
    assert policy.acknowledgement_expires == duration("8h")
    assert load(None, SETTINGS).acknowledgement_expires is None


@pytest.mark.parametrize(
    ("policy", "host", "severity", "at", "is_held"),
    [
        ("Maintenance", "web-1", Severity.CRITICAL, "2026-11-21T23:30Z", True),
        ("Maintenance", "web-1", Severity.CRITICAL, "2026-11-22T00:30Z", True),
        ("Maintenance", "web-1", Severity.CRITICAL, "2026-11-23T23:30Z", False),
        ("Maintenance", "db-1", Severity.CRITICAL, "2026-11-21T23:30Z", False),
        ("Maintenance", "db-1", Severity.CRITICAL, "2026-12-29T05:59Z", True),
        ("Maintenance", "db-1", Severity.CRITICAL, "2026-12-29T06:00Z", False),
        ("Maintenance", "lab-1", Severity.CRITICAL, "2026-12-29T05:59Z", False),
        ("Quiet hours", "web-1", Severity.WARNING, "2026-11-20T23:00Z", True),
        ("Quiet hours", "web-1", Severity.WARNING, "2026-11-21T05:00Z", True),
        ("Quiet hours", "web-1", Severity.WARNING, "2026-11-21T23:00Z", False),
        ("Quiet hours", "web-1", Severity.CRITICAL, "2026-11-20T23:00Z", False),
    ],
    indirect=["policy"],
)
def test_people_are_left_in_peace_when_the_page_says(
    policy: Policy, host: str, severity: Severity, at: str, *, is_held: bool
) -> None:
    hold = policy.hold(host=host, component="cpu", severity=severity, at=datetime.fromisoformat(at))
    assert (hold is not None) is is_held


def test_every_key_of_the_file_is_on_the_page() -> None:
    shown = {table.strip("`… "): set(re.findall(r"`([a-z_]+)`", keys)) for table, keys in cells("Every key")}
    common = keys_of(schema.DestinationTable) | {"type"}
    assert shown == {
        "[tags]": set(),
        "[[rules]]": keys_of(schema.RuleTable),
        "[destinations.name]": common,
        **{name: keys_of(table) - common for name, table in schema.DESTINATIONS.items()},
        "[[routes]]": keys_of(schema.RouteTable),
        "[escalation.name]": keys_of(schema.EscalationTable) | keys_of(schema.StepTable),
        "[repeat]": keys_of(schema.RepeatTable),
        "[acknowledgement]": keys_of(schema.AcknowledgementTable),
        "[[maintenance]]": keys_of(schema.MaintenanceTable),
        "[quiet_hours]": keys_of(schema.QuietHoursTable),
    }


def keys_of(table: type[schema.Table]) -> set[str]:
    return {field.alias or name for name, field in table.model_fields.items()}
