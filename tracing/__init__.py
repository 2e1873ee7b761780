"""Spans of work for OpenTelemetry: where they go is set in the environment, and by default nowhere.

Without OTEL_EXPORTER_OTLP_ENDPOINT nothing of OpenTelemetry is imported, and a span is one shared object that
does nothing. A span is named to others by its W3C `traceparent`, which travels in Celery's headers, in the
stream of samples and in the row of an event.
"""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from importlib.util import find_spec
from typing import Literal, Protocol, Self

from settings import Problem, Settings, SettingsError

__all__ = ["About", "Kind", "Span", "check", "current", "span", "start", "stop"]

Kind = Literal["internal", "producer", "consumer", "client"]
About = Mapping[str, str | int | float | bool]

NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


class Span(AbstractContextManager["Span"], Protocol):
    """A piece of work under way; entered with `with`, and ended by its end."""

    @property
    def traceparent(self) -> str | None:
        """How others name it as their parent; None where nothing is traced."""

    def tell(self, about: About) -> None:
        """Say more about it."""

    def fail(self, reason: str) -> None:
        """Say that it did not succeed; the reason holds no secret."""


class _Nothing:
    """The span where nothing is traced: always the same one."""

    traceparent = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def tell(self, about: About) -> None:
        pass

    def fail(self, reason: str) -> None:
        pass


class Tracer(Protocol):
    """Where spans are made, if they are."""

    def span(
        self, name: str, kind: Kind, parent: str | None, links: Iterable[str | None], about: About
    ) -> Span: ...

    def current(self) -> str | None: ...

    def stop(self) -> None: ...


NOTHING: Span = _Nothing()
_tracer: Tracer | None = None


def check(settings: Settings) -> None:
    """Raise SettingsError if spans are wanted and the packages for them are not installed."""
    if settings.otel_exporter_otlp_endpoint is not None and not _installed():
        fault = "it is set, and the packages that send traces are not installed"
        remedy = "install them as docs/monitoring.md says, or take it out"
        raise SettingsError([Problem("OTEL_EXPORTER_OTLP_ENDPOINT", fault, remedy)])


def start(settings: Settings) -> None:
    """Send spans from now on, if the settings say where to; raises SettingsError as `check` does.

    It may be called before a fork: whoever makes the first span of a process opens its own way out.
    """
    global _tracer  # noqa: PLW0603 - whether a process is traced is decided once, at its start
    check(settings)
    if settings.otel_exporter_otlp_endpoint is None:
        _tracer = None
        return
    from tracing.exporting import Exporting

    headers = settings.otel_exporter_otlp_headers
    _tracer = Exporting(
        settings.otel_exporter_otlp_endpoint,
        headers=headers.get_secret_value() if headers else None,
        host=settings.host_name,
    )


def stop() -> None:
    """Send what is left."""
    if _tracer is not None:
        _tracer.stop()


def span(
    name: str,
    kind: Kind = "internal",
    *,
    parent: str | None = None,
    links: Iterable[str | None] = (),
    about: About | None = None,
) -> Span:
    """A span below `parent`, without one below the span that is under way.

    `links` are the spans that it belongs together with, as those of all the samples of a batch.
    """
    if _tracer is None:
        return NOTHING
    return _tracer.span(name, kind, parent, links, about or {})


def current() -> str | None:
    """The traceparent of the span that is under way here, None where nothing is traced."""
    return None if _tracer is None else _tracer.current()


def _installed() -> bool:
    try:
        return all(find_spec(name) for name in NEEDED)
    except ModuleNotFoundError:
        return False
