"""What is worth an alert, who hears of it, who comes next and when nobody does: `tocsin.toml`."""

from pathlib import Path

from policy import builtin
from policy.destinations import (
    AnyDestination,
    Console,
    Destination,
    Email,
    SlackBot,
    SlackWebhook,
    Webhook,
)
from policy.file.build import build
from policy.file.destinations import Environment
from policy.file.parse import PolicyError
from policy.metrics import COMPONENTS, METRICS, Metric, Origin
from policy.model import Policy
from policy.routes import Escalation, Step
from policy.windows import Hold
from settings import Examined, Problem, Settings

__all__ = [
    "COMPONENTS",
    "METRICS",
    "AnyDestination",
    "Console",
    "Destination",
    "Email",
    "Escalation",
    "Hold",
    "Metric",
    "Origin",
    "Policy",
    "PolicyError",
    "SlackBot",
    "SlackWebhook",
    "Step",
    "Webhook",
    "check",
    "load",
]


def load(path: Path | None, settings: Settings) -> Policy:
    """The policy of a file, or the built-in one for None.

    Raises `PolicyError` with everything that is wrong with the file.
    """
    if path is None:
        return builtin.policy(settings)
    policy, problems = build(path, Environment(settings))
    if problems:
        raise PolicyError(problems)
    return policy


def check(path: Path | None, examined: Examined) -> tuple[tuple[Problem, ...], tuple[str, ...]]:
    """Everything that is wrong with a file, and what looks like a mistake, even in a wrong environment."""
    if path is None:
        return (), ()
    try:
        policy, problems = build(path, Environment(examined.fields, examined.wrong))
    except PolicyError as error:
        return error.problems, ()
    # Of half a file it is not known what nothing leads to.
    return tuple(problems), () if problems else policy.oddities
