"""Somebody who takes spans, and tracing that is over when a test is."""

from collections.abc import Callable, Iterator

import pytest

import settings
import tracing
from tests.standins.otlp import OtlpStandIn

Start = Callable[..., None]


@pytest.fixture
def collector() -> Iterator[OtlpStandIn]:
    with OtlpStandIn() as server:
        yield server


@pytest.fixture
def start(collector: OtlpStandIn) -> Iterator[Start]:
    """Trace from now on, with these settings too."""

    def traced(**further: str) -> None:
        environ = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "HOST_NAME": "web-1"}
        tracing.start(settings.load(environ | further))

    yield traced
    tracing.stop()
    tracing.start(settings.load({}))
