"""The logs of a program, as its settings want them."""

from settings import Settings, environment, secrets
from worker import log_lines


def set_up(settings: Settings) -> None:
    """Send every log of the process to standard error, in the form that settings name, without secrets."""
    log_lines.begin(settings.log_level, settings.log_format, secrets(environment()))
