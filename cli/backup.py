"""`tocsin backup` and `tocsin restore`: the database into a file, and back without old alerts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from cli import archive
from cli.archive.report import report, show
from cli.confirming import Yes, confirmed
from cli.context import load_settings
from cli.errors import CommandError
from cli.group import single
from cli.output import AsJson, print_json, say
from cli.servers import open_database
from models import clock
from settings import masked

if TYPE_CHECKING:
    from sqlalchemy import Engine

backup = single()
restore = single()

SERVER = text("SELECT current_setting('server_version_num')::integer / 10000")
OCCUPIED = text("SELECT EXISTS (SELECT FROM hosts) OR EXISTS (SELECT FROM infrastructure_alerts)")


@backup.command(epilog="Example: tocsin backup /var/backups/tocsin.dump --verify")
def backup_(
    *,
    file: Annotated[
        Path | None, typer.Argument(help="The new file; by default tocsin-<time>.dump in this folder.")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Restore it into a scratch database and compare the rows.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Back the database up into one file, and what it holds into a second.

    That is everything Tocsin knows; settings, rules and secrets are not in the database.
    """
    with open_database(load_settings(), "backup", start=True) as engine:
        path = file or Path(f"tocsin-{_stamp(engine)}.dump")
        _is_new(path)
        programs = archive.fitting(_server(engine))
        with _bytes("backing up") as tell:
            manifest = archive.take(engine, path, programs, tell)
        if verify:
            _prove(engine, path, manifest, programs)
    if as_json:
        print_json({"file": str(path), "verified": verify, "manifest": manifest})
        return
    rows = sum(manifest.rows.values())
    say(f"{path} holds {rows:,} rows of {len(manifest.rows)} tables in {manifest.bytes:,} bytes")
    say("verified: restored, every table has its rows" if verify else "not verified; --verify restores it")


@restore.command(epilog="Example: tocsin restore /var/backups/tocsin.dump --replace")
def restore_(
    *,
    file: Annotated[Path, typer.Argument(help="What tocsin backup wrote; its .json stands beside it.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove what Tocsin has in the database by now.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back, all of it or nothing.

    What was on its way to people when it was taken is told no more; what still fires opens anew.
    """
    settings = load_settings()
    manifest = archive.manifest_of(file)
    with open_database(settings, "restore", start=True) as engine:
        programs = archive.fitting(_server(engine))
        if _occupied(engine):
            _may_replace(masked(engine.url.render_as_string(hide_password=False)), replace=replace, yes=yes)
        with _bytes("restoring") as tell:
            archive.restore(engine.url, file, manifest, programs, tell)
        done = report(engine, manifest)
    if as_json:
        print_json(done)
    else:
        show(done)


def _prove(engine: "Engine", path: Path, manifest: archive.Manifest, programs: archive.Programs) -> None:
    with _bytes("verifying") as tell:
        wrong = archive.verify(engine, path, manifest, programs, tell)
    if wrong:
        raise CommandError(f"{path} does not restore to what was backed up: {'; '.join(wrong)}")


def _may_replace(where: str, *, replace: bool, yes: bool) -> None:
    if not replace:
        raise CommandError(
            f"{where} is not empty, and what it holds would be lost",
            "give --replace if that is meant, or name an empty database in DATABASE_URL",
        )
    confirmed(f"This removes everything that Tocsin has in {where}.", yes=yes)


def _is_new(path: Path) -> None:
    if path.exists():
        raise CommandError(f"{path} is there already", "name a file that is not")
    if not path.absolute().parent.is_dir():
        raise CommandError(f"{path.absolute().parent} is no folder", "make it, or name another file")


def _stamp(engine: "Engine") -> str:
    with engine.connect() as connection:
        return f"{clock.now(connection):%Y%m%dT%H%M%SZ}"


def _server(engine: "Engine") -> int:
    with engine.connect() as connection:
        major: int = connection.execute(SERVER).scalar_one()
    return major


def _occupied(engine: "Engine") -> bool:
    """Whether somebody has been watched in this database, or has been alerted."""
    try:
        with engine.connect() as connection:
            return bool(connection.execute(OCCUPIED).scalar_one())
    except ProgrammingError:
        return False  # there are no tables yet


@contextmanager
def _bytes(doing: str) -> Iterator[Callable[[int], None]]:
    """Beside the result, on a terminal: how much there is by now."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(doing) as status:
        yield lambda size: status.update(f"{doing}: {size / 2**20:,.1f} MB")
