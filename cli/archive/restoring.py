"""Bringing a backup back: one transaction that removes what is there, restores, and makes it quiet."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from sqlalchemy.engine import URL

from cli.archive.manifest import Manifest
from cli.archive.programs import Programs
from cli.archive.waiting import failed
from cli.psql import opened
from models import restored
from models.base import Base

# Told now and then: how many bytes of SQL have been restored by now.
Tell = Callable[[int], None]
CHUNK = 1 << 18


def restore(
    url: URL, backup: Path, manifest: Manifest, programs: Programs, tell: Tell, *, quiet: bool = True
) -> None:
    """Restore a backup over whatever Tocsin has in the database, all or nothing.

    Readers wait until it is over. If it is to be `quiet`, nothing that was on its way when the backup was
    taken is told any more: see `models.restored`. Raises CommandError with what Postgres said when it fails,
    and then nothing has changed.
    """
    with _psql(url, programs) as sql:
        sql.write(_removal().encode())
        with _script(backup, programs, manifest.schema) as script:
            _copy(script, sql, tell)
        if quiet:
            sql.write(restored.quieting(manifest.taken_at, manifest.schema).encode())
        sql.write(f'SET LOCAL search_path = "{manifest.schema}";\nSELECT grant_access();\n'.encode())
        sql.write(b"COMMIT;\nANALYZE;\n")


def _removal() -> str:
    """Our own tables go with their partitions and views; of other people's nothing does."""
    tables = ", ".join(f'"{name}"' for name in (*sorted(Base.metadata.tables), "alembic_version"))
    return f"BEGIN;\nSET LOCAL client_min_messages = warning;\nDROP TABLE IF EXISTS {tables} CASCADE;\n"


@contextmanager
def _psql(url: URL, programs: Programs) -> Iterator[IO[bytes]]:
    """Standard input of a psql that stops at the first error; without the COMMIT nothing has happened."""
    address, env = opened(url)
    argv = [programs.path("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-", address]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            argv, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said
        ) as psql,
    ):
        sql = cast("IO[bytes]", psql.stdin)
        with ExitStack() as unless_fed:
            unless_fed.callback(psql.kill)
            # A pipe breaks when psql has stopped at an error, and it says which.
            with suppress(BrokenPipeError):
                yield sql
                sql.close()
            unless_fed.pop_all()
        if psql.wait() != 0:
            said.seek(0)
            raise failed(psql, said.read())


@contextmanager
def _script(backup: Path, programs: Programs, schema: str) -> Iterator[IO[bytes]]:
    """The backup as SQL; raises CommandError when it could not be read to its end."""
    how = [f"--schema={schema}", "--no-owner", "--no-privileges", "--clean", "--if-exists"]
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(
            [programs.path("pg_restore"), *how, "-f", "-", backup], stdout=subprocess.PIPE, stderr=said
        ) as reading,
    ):
        yield cast("IO[bytes]", reading.stdout)
        if reading.wait() != 0:
            said.seek(0)
            raise failed(reading, said.read())


def _copy(script: IO[bytes], sql: IO[bytes], tell: Tell) -> None:
    done = 0
    while chunk := script.read(CHUNK):
        sql.write(chunk)
        done += len(chunk)
        tell(done)
