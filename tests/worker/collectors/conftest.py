"""Folders that look like a kernel, for each test its own."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.worker.collectors.kernel import Kernel


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


@pytest.fixture
def open_kernel() -> Iterator[Kernel]:
    """A kernel whose folder other users may enter, as they may enter /proc."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-kernel-"))
    folder.chmod(0o755)
    yield Kernel(folder)
    shutil.rmtree(folder)
