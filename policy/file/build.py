"""The policy of a file: its tables put together with the environment."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.severity import Severity
from policy import builtin
from policy.file import rules, schema
from policy.file.destinations import Environment, book
from policy.file.oddities import oddities
from policy.file.parse import Parsed, parse
from policy.file.routes import escalations, maintenance, quiet_hours, routes
from policy.model import REPEAT, Policy
from policy.rules import builtin as builtin_rules
from settings import Problem


def build(path: Path, environment: Environment) -> tuple[Policy, list[Problem]]:
    """The policy as far as the file can be understood, and everything that is wrong with it.

    Raises `PolicyError` when nothing of the file can be understood.
    """
    parsed = parse(path)
    known = book(parsed, environment)
    steps = escalations(parsed, known)
    ways = routes(parsed, known, steps)
    quiet = _single(parsed, "quiet_hours")
    acknowledgement = _single(parsed, "acknowledgement")
    policy = Policy(
        rules=rules.entries(parsed, builtin_rules(environment.fields)),
        destinations=known.destinations,
        routes=(*ways, builtin.everything(known.destinations)),
        cooldown=timedelta(minutes=environment.fields.alert_cooldown_minutes),
        repeat=_repeat(_single(parsed, "repeat")),
        escalations=steps,
        maintenance=maintenance(parsed),
        quiet_hours=quiet_hours(quiet) if quiet else None,
        acknowledgement_expires=acknowledgement.expires if acknowledgement else None,
        source=path,
        oddities=tuple(oddities(parsed, ways, steps, known.destinations)),
    )
    return policy, parsed.problems


def _single(parsed: Parsed, section: str) -> Any:
    return parsed.tables.get((section,))


def _repeat(table: schema.RepeatTable | None) -> dict[Severity, timedelta]:
    if table is None:
        return dict(REPEAT)
    said = {Severity.CRITICAL: table.critical, Severity.WARNING: table.warning}
    return {severity: interval for severity, interval in said.items() if interval is not None}
