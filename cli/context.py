"""What a command needs first: the settings and the policy of this environment, warnings said on the way."""

from cli.output import warn
from policy import Policy
from policy import load as load_file
from settings import Settings, environment
from settings import load as load_environment


def load_settings() -> Settings:
    """The settings; raises `SettingsError` with everything that is wrong, which ends the command with 2."""
    return load_environment(environment(), warn)


def load_policy(settings: Settings) -> Policy:
    """The policy; raises `PolicyError` with everything that is wrong, which ends the command with 2."""
    policy = load_file(settings.tocsin_rules, settings)
    for oddity in policy.oddities:
        warn(oddity)
    return policy
