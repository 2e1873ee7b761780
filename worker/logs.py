"""Logs: a constant event name and fields; columns for people, JSON for machines, never a secret."""

import logging
import sys

import structlog

from settings import Settings

QUIET = ("celery.app.trace", "celery.worker.strategy", "celery.beat", "slack_sdk", "kombu", "tornado.access")


def set_up(settings: Settings) -> None:
    """Send every log of the process, ours and the libraries', to standard error in one form."""
    people = settings.log_format == "columns" or (settings.log_format == "auto" and sys.stderr.isatty())
    before: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(
                    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
                )
                if not people
                else _as_it_is,
                last,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in QUIET:
        # Each tick would be three lines a second; what fails is still told.
        logging.getLogger(name).setLevel(logging.WARNING)


def _as_it_is(
    _: structlog.typing.WrappedLogger, __: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return event
