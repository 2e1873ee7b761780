"""Taking a backup: one snapshot of the database, dumped and counted."""

import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from cli.archive.manifest import Manifest, digest
from cli.archive.programs import Programs
from cli.archive.waiting import wait
from cli.psql import opened
from models import clock
from models.base import Base

# Told now and then: how many bytes there are by now.
Tell = Callable[[int], None]

_HELD = text("""
    SELECT current_schema() AS schema, current_setting('server_version_num')::integer / 10000 AS major,
           (SELECT version_num FROM alembic_version) AS revision, pg_export_snapshot() AS snapshot
""")

_TABLES = text("""
    SELECT c.relname FROM pg_class AS c
     WHERE c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition
       AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))
""")


def take(engine: Engine, backup: Path, programs: Programs, tell: Tell) -> Manifest:
    """Write a backup and its manifest; the file gets its name when it is whole.

    Raises CommandError with what pg_dump said when it fails.
    """
    part = backup.with_name(backup.name + ".part")
    part.touch(mode=0o600)
    with ExitStack() as unless_whole:
        unless_whole.callback(part.unlink)
        manifest = _dump(engine, part, programs, tell)
        unless_whole.pop_all()
    manifest.write(backup)
    part.rename(backup)
    return manifest


def _dump(engine: Engine, part: Path, programs: Programs, tell: Tell) -> Manifest:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        _without_limits(connection)
        taken_at = clock.now(connection)
        held = connection.execute(_HELD).one()
        address, env = opened(engine.url)
        what = [f"--schema={held.schema}", f"--snapshot={held.snapshot}", "--no-owner", "--no-privileges"]
        what += [f'--exclude-table="{held.schema}"."{name}"' for name in _of_others(connection)]
        argv = [programs.path("pg_dump"), "-Fc", "--lock-wait-timeout=60s", *what, f"--file={part}", address]
        with subprocess.Popen(argv, env=env, stderr=subprocess.PIPE) as dumping:
            rows = counted(connection)
            wait(dumping, lambda: tell(part.stat().st_size))
    return Manifest(
        taken_at=taken_at,
        schema=held.schema,
        revision=held.revision,
        server_major=held.major,
        bytes=part.stat().st_size,
        sha256=digest(part),
        rows=rows,
    )


def counted(connection: Connection) -> dict[str, int]:
    """The rows of every table, those of partitions with their parent."""
    return {
        name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our names
        for name in sorted(Base.metadata.tables)
    }


def _of_others(connection: Connection) -> list[str]:
    """Tables of other people in the same schema: none of our business, or a restore would set them back."""
    ours = {*Base.metadata.tables, "alembic_version"}
    return [name for name in connection.scalars(_TABLES) if name not in ours]


def _without_limits(connection: Connection) -> None:
    """The snapshot has to last as long as the dump."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))
