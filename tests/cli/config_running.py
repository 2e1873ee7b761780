"""Running the command as a person does: a process of its own, with an environment of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def tocsin(
    *arguments: str, environ: Mapping[str, str] | None = None, line: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `tocsin …` to its end; `line` is what follows it in a shell's line, as `| head -0`."""
    command = [sys.executable, "-m", "cli.main", *arguments]
    if line:
        command = ["bash", "-o", "pipefail", "-c", f'"$@" {line}', "bash", *command]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": "/proc/nowhere", **(environ or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
