"""The environment, read once into a frozen value: every error at once, secrets from files."""

from settings.environment import Settings, load
from settings.model import SECTIONS, is_secret
from settings.problems import FaultError, Problem, SettingsError, shown
from settings.reading import Reading, environment, read

__all__ = [
    "SECTIONS",
    "FaultError",
    "Problem",
    "Reading",
    "Settings",
    "SettingsError",
    "environment",
    "is_secret",
    "load",
    "read",
    "shown",
]
