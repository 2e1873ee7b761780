"""The machine: the settings, and the folder in which Tocsin keeps its state."""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from cli.checkup.mark import Looked, Mark
from policy import check
from settings import Examined, is_secret
from settings.model import Fields

GIGABYTE = 1024**3

# Below the first the servers under TOCSIN_HOME soon stop, below the second somebody should make room.
FULL_GB, NEARLY_FULL_GB = 0.5, 5.0

# A disk that is smaller, as a container's in memory, holds no server; it is full when a tenth is left.
SMALL_GB, SMALL_IS_FULL = 10.0, 0.1

# What a container runtime mounts is open to whoever has to read it; the folder outside keeps others out.
MOUNTED = Path("/run/secrets")


def configuration(examined: Examined) -> Iterator[Looked]:
    """The environment and the file with the rules."""
    problems, oddities = check(examined.fields.tocsin_rules, examined)
    for problem in (*examined.problems, *problems):
        yield Looked("settings", Mark.WRONG, str(problem), "correct it; tocsin config check looks again")
    for sentence in (*examined.warnings, *oddities):
        yield Looked("settings", Mark.WARNING, sentence, "correct it, or live with it")
    if not (examined.problems or problems or examined.warnings or oddities):
        yield Looked("settings", Mark.OK, "the settings and the rules are right")


def disk(home: Path) -> Looked:
    """How much room there is where Tocsin keeps its state, or would."""
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    usage = shutil.disk_usage(place)
    return of_disk(home, free=usage.free, total=usage.total)


def of_disk(home: Path, *, free: int, total: int) -> Looked:
    """What so much room means; bytes."""
    left = f"{free / GIGABYTE:,.1f} of {total / GIGABYTE:,.1f} GB are free where {home} lies"
    if total < SMALL_GB * GIGABYTE and free > SMALL_IS_FULL * total:
        return Looked("disk", Mark.OK, left)
    if free < FULL_GB * GIGABYTE:
        return Looked("disk", Mark.WRONG, left, "make room, or set TOCSIN_HOME to another disk")
    if free < NEARLY_FULL_GB * GIGABYTE:
        return Looked("disk", Mark.WARNING, left, "make room, or lower RETENTION_RAW_DAYS")
    return Looked("disk", Mark.OK, left)


def permissions(examined: Examined, environ: Mapping[str, str]) -> Iterator[Looked]:
    """Whether others may write where our state lies, or read our secrets."""
    looked = [*_home(examined.fields.tocsin_home), *_secrets(environ)]
    yield from looked or [Looked("permissions", Mark.OK, "nobody else gets at the state and the secrets")]


def _home(home: Path) -> Iterator[Looked]:
    if not home.exists():
        return
    status = home.stat()
    if status.st_uid != os.geteuid():
        yield Looked(
            "permissions",
            Mark.WARNING,
            f"{home} belongs to somebody else",
            "run doctor as its owner",
        )
    elif stat.S_IMODE(status.st_mode) & 0o066:
        yield Looked("permissions", Mark.WRONG, f"others may look into {home}", f"run chmod 700 {home}")


def _secrets(environ: Mapping[str, str]) -> Iterator[Looked]:
    """Files of secrets that others can read, unless their folder keeps others out, as Compose wants it."""
    files = [environ.get(f"{field.upper()}_FILE") for field in Fields.model_fields if is_secret(field)]
    for path in (Path(name) for name in files if name):
        if not path.exists() or path.parent == MOUNTED:
            continue
        open_file = stat.S_IMODE(path.stat().st_mode) & 0o044
        if open_file and stat.S_IMODE(path.resolve().parent.stat().st_mode) & 0o055:
            yield Looked("permissions", Mark.WARNING, f"others may read {path}", f"run chmod 600 {path}")
