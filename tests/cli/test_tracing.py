"""What a command says when traces are wanted and cannot be sent."""

import pytest

import tracing
from tests.cli.conftest import Run


@pytest.mark.parametrize("command", ["up", "worker", "beat"])
def test_missing_packages_end_it_with_what_to_do(
    tocsin: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(tracing, "NEEDED", ("opentelemetry.nowhere.at.all",))
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    done = tocsin(command)
    assert done.code == 2
    assert (
        "OTEL_EXPORTER_OTLP_ENDPOINT: it is set, and the packages that send traces are not installed"
        in done.err
    )
    assert "docs/monitoring.md" in done.err
