"""`tocsin config rules` and `route`: what the file with the rules comes to, for one host and one alert."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.context import RulesFile, load_policy, load_settings
from cli.output import AsJson, print_json, table
from cli.routing import routed, say_routed
from domain.alerts import Rule
from domain.severity import Severity
from notifications.silences import Quiet
from policy import COMPONENTS, METRICS
from policy.durations import spelt

OneHost = Annotated[str | None, typer.Option("--host", help="The host; by default the one of HOST_NAME.")]


def rules(
    *,
    host: OneHost = None,
    mount: Annotated[str, typer.Option(help="The partition for the rules about disks.")] = "/",
    file: RulesFile = None,
    as_json: AsJson = False,
) -> None:
    """Show the rules that hold on a host, built-in ones and those of the file put together."""
    settings = load_settings()
    policy = load_policy(settings, file)
    name = host or settings.host_name
    found = [rule for component in COMPONENTS for rule in policy.rules_for(name, component, mount)]
    if as_json:
        print_json(found)
        return
    table(
        ("RULE", "COMPONENT", "METRIC", "UNIT", "WARNING", "CRITICAL", "FOR", "CLEARS IN", "MARGIN"),
        [_row(rule, mount) for rule in found],
        numbers=("WARNING", "CRITICAL", "MARGIN"),
    )


def _row(rule: Rule, mount: str) -> Sequence[object]:
    metric = METRICS[rule.metric]
    return (
        rule.name,
        metric.component_of(mount if metric.per_mount else None),
        rule.metric,
        rule.unit,
        rule.warning,
        rule.critical,
        spelt(rule.opens_after),
        spelt(rule.resolves_after),
        rule.clear_margin,
    )


def route(
    *,
    component: Annotated[str, typer.Option(help="As cpu, memory, disk:/var, host or database.")],
    severity: Annotated[Severity, typer.Option(help="How bad the alert is.")] = Severity.CRITICAL,
    host: OneHost = None,
    file: RulesFile = None,
    as_json: AsJson = False,
) -> None:
    """Show who would be told of an alert by the file alone: at once, later, and in its quiet times.

    The same with the silences that people set: tocsin route test.
    """
    settings = load_settings()
    policy = load_policy(settings, file)
    name = host or settings.host_name
    now = datetime.now(UTC)
    found = routed(policy, Quiet(policy), host=name, component=component, severity=severity, at=now)
    if as_json:
        print_json(found)
    else:
        say_routed(found)
