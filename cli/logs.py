"""What the work of a command logs: warnings, beside its result and never in it."""

import logging
import sys
from typing import TextIO

import structlog


def log_beside_the_result() -> None:
    """Send what is logged from now on to standard error, if it is a warning or worse."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(_standard_error()),
        cache_logger_on_first_use=False,
    )


def _standard_error() -> TextIO:
    # Asked for each line: somebody may have replaced it meanwhile.
    return sys.stderr
