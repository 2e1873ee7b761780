"""What a command needs first: the settings and the policy of this environment, warnings said on the way."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import warn
from policy import Policy
from policy import load as load_file
from settings import Settings, environment
from settings import load as load_environment

RulesFile = Annotated[
    Path | None, typer.Option("--file", help="The file with the rules; by default the one in TOCSIN_RULES.")
]


def load_settings() -> Settings:
    """The settings; raises `SettingsError` with everything that is wrong, which ends the command with 2."""
    return load_environment(environment(), warn)


def load_policy(settings: Settings, file: Path | None = None) -> Policy:
    """The policy of a file, by default the one of the settings.

    Raises `PolicyError` with everything that is wrong, which ends the command with 2.
    """
    policy = load_file(file or settings.tocsin_rules, settings)
    for oddity in policy.oddities:
        warn(oddity)
    return policy
