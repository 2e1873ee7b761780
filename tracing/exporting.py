"""Makes spans with OpenTelemetry and sends them over OTLP/HTTP, from whichever process they are made in."""

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from threading import Lock
from types import TracebackType
from typing import Self
from urllib.parse import unquote

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from tracing import About, Kind, Span

PATH = "/v1/traces"
KINDS: dict[Kind, SpanKind] = {
    "internal": SpanKind.INTERNAL,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "client": SpanKind.CLIENT,
}
W3C = TraceContextTextMapPropagator()


class Exporting:
    """Spans of this process; `headers` as in OTEL_EXPORTER_OTLP_HEADERS, `host` is who makes them.

    The SDK reads the other variables of its specification itself: sampling, batches, names and certificates.
    """

    def __init__(self, endpoint: str, *, headers: str | None, host: str) -> None:
        self._endpoint = endpoint.rstrip("/") + PATH
        self._headers = _pairs(headers or "")
        self._host = host
        self._lock = Lock()
        self._provider: TracerProvider | None = None
        # A child has the memory of its parent's way out, and neither its thread nor whoever held the lock.
        os.register_at_fork(after_in_child=self._forget)

    def span(
        self, name: str, kind: Kind, parent: str | None, links: Iterable[str | None], about: About
    ) -> Span:
        linked = [Link(one) for link in links if (one := _context_of(link)).is_valid]
        opening = self._tracer().start_as_current_span(
            name,
            context=_under(parent),
            kind=KINDS[kind],
            attributes=dict(about),
            links=linked,
            # The text of an exception may hold anything; who fails says why.
            record_exception=False,
            set_status_on_exception=False,
        )
        return _Live(opening)

    def current(self) -> str | None:
        return _traceparent(trace.get_current_span().get_span_context())

    def stop(self) -> None:
        with self._lock:
            if self._provider is not None:
                self._provider.shutdown()
            self._provider = None

    def _forget(self) -> None:
        self._lock, self._provider = Lock(), None

    def _tracer(self) -> trace.Tracer:
        with self._lock:
            if self._provider is None:
                self._provider = self._open()
            return self._provider.get_tracer("tocsin")

    def _open(self) -> TracerProvider:
        resource = Resource.create({"host.name": self._host, "process.pid": os.getpid()})
        if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: "tocsin"}))
        provider = TracerProvider(resource=resource)
        exporter = OTLPSpanExporter(endpoint=self._endpoint, headers=self._headers)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return provider


class _Live:
    """A span that is sent when it ends."""

    def __init__(self, opening: AbstractContextManager[trace.Span]) -> None:
        self._opening = opening

    def __enter__(self) -> Self:
        self._span = self._opening.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        if kind is not None:
            self.fail(kind.__name__)
        self._opening.__exit__(kind, error, where)

    @property
    def traceparent(self) -> str | None:
        return _traceparent(self._span.get_span_context())

    def tell(self, about: About) -> None:
        self._span.set_attributes(dict(about))

    def fail(self, reason: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, reason))


def _traceparent(context: SpanContext) -> str | None:
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def _under(parent: str | None) -> Context | None:
    """The context below `parent`; None, which is the present one, without a parent that can be read."""
    if parent is None or not _context_of(parent).is_valid:
        return None
    return W3C.extract({"traceparent": parent}, context=Context())


def _context_of(traceparent: str | None) -> SpanContext:
    carrier = {"traceparent": traceparent} if traceparent else {}
    return trace.get_current_span(W3C.extract(carrier, context=Context())).get_span_context()


def _pairs(headers: str) -> dict[str, str]:
    """`key=value` pairs separated by commas, values encoded as in a URL."""
    pairs = (pair.partition("=") for pair in headers.split(",") if "=" in pair)
    return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}
