"""Spans: which is whose parent, what they say, and what they cost where nobody wants them."""

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

import settings
import tracing
from settings import SettingsError
from tests.standins.otlp import OtlpStandIn
from worker.draining import Drain

Start = Callable[..., None]
ELSEWHERE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_span_is_below_the_one_that_is_under_way(start: Start, collector: OtlpStandIn) -> None:
    start()
    with tracing.span("outer"), tracing.span("inner", "client", about={"tocsin.host": "web-1"}):
        pass
    tracing.stop()
    (inner,) = collector.named("inner")
    assert collector.way_to(inner) == ["outer", "inner"]
    assert inner.about["tocsin.host"] == "web-1"
    assert inner.service == "tocsin"


def test_a_span_may_be_below_one_of_another_process(start: Start, collector: OtlpStandIn) -> None:
    start()
    with tracing.span("outer"), tracing.span("far", parent=ELSEWHERE, links=[tracing.current(), None]):
        assert str(tracing.current()).startswith("00-0af7651916cd43dd8448eb211c80319c-")
    tracing.stop()
    (far,), (outer,) = collector.named("far"), collector.named("outer")
    assert (far.trace, far.parent) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    assert far.links == (outer.id,)


@pytest.mark.parametrize("parent", ["", "nonsense", "00-0-0-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_parent_that_nobody_can_read_is_none(start: Start, collector: OtlpStandIn, parent: str) -> None:
    start()
    with tracing.span("alone", parent=parent):
        pass
    tracing.stop()
    assert collector.way_to(collector.named("alone")[0]) == ["alone"]


def test_an_error_is_told_without_its_text(start: Start, collector: OtlpStandIn) -> None:
    start()
    with pytest.raises(ValueError, match="secret"), tracing.span("failing"):
        raise ValueError("the secret is hunter2")
    tracing.stop()
    assert collector.named("failing")[0].failed
    assert b"hunter2" not in b"".join(request.body for request in collector.requests)


def test_it_works_after_a_fork(start: Start, collector: OtlpStandIn) -> None:
    start()
    with tracing.span("in the parent") as span:
        child = os.fork()
        if child == 0:
            with tracing.span("in the child", parent=span.traceparent):
                pass
            tracing.stop()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    tracing.stop()
    (got,) = collector.named("in the child")
    assert collector.way_to(got) == ["in the parent", "in the child"]
    assert got.process == child


def test_recording_beside_collecting_stays_in_its_trace(start: Start) -> None:
    start()
    seen: list[str | None] = []
    with tracing.span("tick") as tick:
        Drain().run(lambda: seen.append(tracing.current()))
    assert seen == [tick.traceparent]


def test_headers_go_along(start: Start, collector: OtlpStandIn) -> None:
    start(OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20abc, X-Scope=ops")
    with tracing.span("one"):
        pass
    tracing.stop()
    (request,) = collector.requests
    assert (request.headers["authorization"], request.headers["x-scope"]) == ("Bearer abc", "ops")


def test_nobody_who_takes_them_disturbs_nobody(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    start(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    with tracing.span("one"):
        pass
    tracing.stop()


def test_without_an_endpoint_there_is_nothing() -> None:
    with tracing.span("one", parent=ELSEWHERE) as span:
        assert span.traceparent is None
        assert tracing.current() is None
        assert tracing.span("two") is span


def test_without_an_endpoint_nothing_of_it_is_needed() -> None:
    # redis-py looks for OpenTelemetry itself, so its being loaded says nothing.
    program = "import sys; sys.modules['opentelemetry'] = None; import worker.tasks, tracing"
    program += "; tracing.span('one').__enter__(); sys.exit('tracing.exporting' in sys.modules)"
    environ = {"PATH": os.defpath, "REDIS_URL": "redis://127.0.0.1:1"}
    done = subprocess.run([sys.executable, "-c", program], env=environ, check=False, timeout=60)
    assert done.returncode == 0


def test_missing_packages_are_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "NEEDED", ("opentelemetry.nowhere.at.all",))
    with pytest.raises(SettingsError, match="packages that send traces are not installed"):
        tracing.start(settings.load({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}))


def test_threads_have_spans_of_their_own(start: Start, collector: OtlpStandIn) -> None:
    start()

    def work(name: str) -> None:
        with tracing.span(name), tracing.span(f"{name} below"):
            pass

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(work), ["a", "b", "c", "d"]))
    tracing.stop()
    for name in "abcd":
        assert collector.way_to(collector.named(f"{name} below")[0]) == [name, f"{name} below"]
