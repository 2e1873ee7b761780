"""The parts of the import law that the linter of imports cannot see: single files, the standard library."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rooms import PACKAGES

ROOT = Path(__file__).parents[1]


def imported(file: Path) -> Iterator[str]:
    """The top-level names that the file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


def sources(*packages: str) -> list[Path]:
    return [file for package in packages for file in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize(
    ("files", "allowed"),
    [
        (sources("domain"), {"domain"}),
        ([ROOT / "bootstrap.py"], set()),
        ([ROOT / "embedded" / "leash.py"], set()),
        ([ROOT / "beat_schedule.py"], {"domain", "celery"}),
        (sources("charts"), {"charts", "fontpkg", "resvg_py"}),
        (sources("embedded"), {"embedded", "settings", "psutil"}),
    ],
    ids=["domain", "bootstrap", "leash", "beat_schedule", "charts", "embedded"],
)
def test_it_imports_little_beyond_the_standard_library(files: list[Path], allowed: set[str]) -> None:
    assert files
    strange = {
        (str(file.relative_to(ROOT)), name)
        for file in files
        for name in imported(file)
        if name not in sys.stdlib_module_names | allowed
    }
    assert strange == set()


def test_the_environment_is_read_in_the_settings_and_nowhere_else() -> None:
    readers = [
        str(file.relative_to(ROOT))
        for file in [ROOT / "beat_schedule.py", *sources(*PACKAGES)]
        if any(word in file.read_text("utf-8") for word in ("os.environ", "getenv", "environb"))
    ]
    assert {reader.partition("/")[0] for reader in readers} == {"settings"}


@pytest.mark.parametrize(
    "program", ["exporter", "cli.startup.metrics_server", "cli.buttons", "watchdog.watch"]
)
def test_what_runs_beside_celery_does_not_carry_it(program: str) -> None:
    look = f"import sys, {program}; sys.exit('celery' in sys.modules or 'kombu' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, check=False)
    assert done.returncode == 0
