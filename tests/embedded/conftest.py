"""A home of its own for every test of servers and supervisor."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A TOCSIN_HOME that does not exist yet, in a folder that other users may pass through."""
    above = Path(tempfile.mkdtemp(prefix="tocsin-"))
    above.chmod(0o711)
    yield above / "home"
    shutil.rmtree(above)
