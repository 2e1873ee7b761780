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
    "SlackBot",
    "SlackWebhook",
    "Step",
    "Webhook",
    "check",
    "load",
]


def load(path: Path | None, settings: Settings) -> Policy:  # noqa: ARG001 - reading files comes next
    """The policy of a file, or the built-in one for None."""
    return builtin.policy(settings)


def check(path: Path | None, examined: Examined) -> tuple[list[Problem], list[str]]:  # noqa: ARG001 - as above
    """Everything that is wrong with a file, and what looks like a mistake, even in a wrong environment."""
    return [], []
