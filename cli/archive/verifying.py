"""Proving a backup: it is restored into a database of its own, counted, and thrown away."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from cli.archive.manifest import Manifest
from cli.archive.programs import Programs
from cli.archive.restoring import Tell, restore
from cli.archive.taking import counted
from cli.errors import NO_PERMISSION, CommandError
from models.session import CHORE, make_engine


def verify(engine: Engine, backup: Path, manifest: Manifest, programs: Programs, tell: Tell) -> list[str]:
    """What differs between a backup, restored on the server of `engine`, and its manifest; empty for nothing.

    Raises CommandError when it cannot be restored, or when no database may be made for it.
    """
    with _scratch(engine) as scratch:
        restore(scratch.url, backup, manifest, programs, tell, quiet=False)
        with scratch.connect() as connection:
            return differences(manifest.rows, counted(connection))


def differences(wanted: Mapping[str, int], found: Mapping[str, int]) -> list[str]:
    """Each table whose rows are not those that there should be, in words."""
    return [
        f"{table}: {found.get(table, 0):,} rows instead of {rows:,}"
        for table, rows in wanted.items()
        if found.get(table, 0) != rows
    ]


@contextmanager
def _scratch(engine: Engine) -> Iterator[Engine]:
    """A new database beside that of `engine`, dropped at the end."""
    name = f"tocsin_verify_{secrets.token_hex(4)}"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as server:
        server.execute(text("SET statement_timeout = 0"))
        try:
            server.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        except ProgrammingError:
            raise CommandError(
                "this role may not create a database to restore into",
                "grant it CREATEDB, or verify on another server: see docs/backup.md",
                NO_PERMISSION,
            ) from None
        scratch = make_engine(engine.url.set(database=name), application_name="tocsin verify", patience=CHORE)
        try:
            yield scratch
        finally:
            scratch.dispose()
            server.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
