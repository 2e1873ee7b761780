"""The environment, read once into a frozen value: every error at once, secrets from files."""

from domain.hiding import MASK
from settings.environment import INSECURE, Examined, Settings, examine, load
from settings.model import SECTIONS, is_secret
from settings.problems import ConfigurationError, FaultError, Problem, SettingsError, shown
from settings.reading import Reading, environment, read, secrets
from settings.urls import masked, masked_web

__all__ = [
    "INSECURE",
    "MASK",
    "SECTIONS",
    "ConfigurationError",
    "Examined",
    "FaultError",
    "Problem",
    "Reading",
    "Settings",
    "SettingsError",
    "environment",
    "examine",
    "is_secret",
    "load",
    "masked",
    "masked_web",
    "read",
    "secrets",
    "shown",
]
