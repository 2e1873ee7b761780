"""A collector of traces on loopback: it takes spans by OTLP over HTTP and keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from tests.standins.http import HttpStandIn

PATH = "/v1/traces"
ERROR = 2  # Status.StatusCode of OTLP


@dataclass(frozen=True, slots=True)
class Got:
    """A span that arrived; ids are in hexadecimal, `parent` is empty for the first of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    service: str
    process: int
    links: tuple[str, ...] = ()
    about: dict[str, str] = field(default_factory=dict)


class OtlpStandIn(HttpStandIn):
    """Answers 200 to whatever comes; `spans` is what has come."""

    @property
    def endpoint(self) -> str:
        return self.url("").rstrip("/")

    @property
    def spans(self) -> list[Got]:
        return [span for one in list(self.requests) if one.path == PATH for span in _parsed(one.body)]

    def named(self, name: str) -> list[Got]:
        return [span for span in self.spans if span.name == name]

    def way_to(self, last: Got) -> list[str]:
        """The names of the spans from the first of the trace down to this one."""
        by_id = {span.id: span for span in self.spans if span.trace == last.trace}
        way = [last]
        while way[0].parent and way[0].parent in by_id:
            way.insert(0, by_id[way[0].parent])
        return [span.name for span in way]


def _parsed(body: bytes) -> list[Got]:
    request = ExportTraceServiceRequest.FromString(body)
    return [
        Got(
            name=span.name,
            trace=span.trace_id.hex(),
            id=span.span_id.hex(),
            parent=span.parent_span_id.hex(),
            failed=span.status.code == ERROR,
            service=_values(resource.resource.attributes)["service.name"],
            process=int(_values(resource.resource.attributes)["process.pid"]),
            links=tuple(link.span_id.hex() for link in span.links),
            about=_values(span.attributes),
        )
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _values(attributes: Sequence[KeyValue]) -> dict[str, str]:
    return {one.key: _value(one) for one in attributes}


def _value(one: KeyValue) -> str:
    return str(getattr(one.value, one.value.WhichOneof("value") or "string_value"))
