"""The form of the logs: a constant event name and fields; columns for people, JSON for machines, no secret.

docs/logs.md lists every event.
"""

import logging
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.hiding import Hiding

QUIET = ("celery.app.trace", "celery.worker.strategy", "celery.beat", "slack_sdk", "kombu", "tornado.access")


def begin(level: str, form: str, secrets: Iterable[str]) -> None:
    """Send every log of the process, ours and the libraries', to standard error in one form.

    `level` and `form` are the settings LOG_LEVEL and LOG_FORMAT; what `secrets` has is never seen.
    """
    people = form == "columns" or (form == "auto" and sys.stderr.isatty())
    written = _written(Hiding(secrets), people=people)
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, _of_a_library],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *written],
        )
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        # Each tick would be three lines a second; what fails is still told.
        logging.getLogger(name).setLevel(logging.WARNING)


def _written(hiding: Hiding, *, people: bool) -> list[Processor]:
    """What makes a line of an event, the last step taking out what must not be seen."""
    if people:
        return [structlog.dev.ConsoleRenderer(), _Masked(hiding)]
    tracebacks = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [
        structlog.processors.ExceptionRenderer(tracebacks),
        structlog.processors.JSONRenderer(),
        _Masked(hiding),
    ]


class _Masked:
    """Takes every secret out of a line: a library may have quoted one."""

    def __init__(self, hiding: Hiding) -> None:
        self._hiding = hiding

    def __call__(self, _: WrappedLogger, __: str, line: EventDict) -> str:
        # The step before has made a text of the event, which structlog's type does not say.
        return self._hiding.hidden(str(line))


def _of_a_library(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A library's text is no constant name: its logger is the event, and the text a field."""
    record: logging.LogRecord = event["_record"]
    event["message"], event["event"] = event["event"], record.name
    return event
