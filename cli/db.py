"""`tocsin db`: the schema up and down, and the way into the database for people."""

from functools import partial
from typing import Annotated

import typer

from cli import psql
from cli.confirming import Yes, confirmed
from cli.context import load_settings
from cli.errors import NOT_SO
from cli.group import group
from cli.output import AsJson, print_json, say
from cli.schema import bring_up, change, refuse_ahead, schema
from cli.servers import running_database, standing_database
from embedded import EmbeddedPostgres
from models import migrate
from settings import Settings, masked

app = group("Migrate the database, and get into it with psql.", "tocsin db upgrade")


@app.command(epilog="Example: tocsin db upgrade")
def upgrade() -> None:
    """Bring the schema to what this version wants; two at once are harmless."""
    with standing_database(load_settings()) as url:
        change(partial(bring_up, url, say))
        say(f"The database is at {schema(url).current}.")


@app.command(epilog="Example: tocsin db downgrade base --yes")
def downgrade(
    revision: Annotated[str, typer.Argument(help="The revision to go back to; base leaves nothing behind.")],
    *,
    yes: Yes = False,
) -> None:
    """Take the schema back to an older revision. That deletes what came with the newer ones."""
    with standing_database(load_settings()) as url:
        found = schema(url)
        refuse_ahead(found)
        confirmed(f"This deletes what came after revision {revision} from {masked(url)}.", yes=yes)
        change(partial(migrate.downgrade, url, revision))
        say(f"The database is at {schema(url).current or 'no revision: it is empty'}.")


@app.command(epilog="Example: tocsin db current --json")
def current(*, as_json: AsJson = False) -> None:
    """Show the revision of the schema.

    Exits with 1 when it is not the one that this version wants.
    """
    with standing_database(load_settings()) as url:
        found = schema(url)
        ahead = found.ahead
    if as_json:
        print_json({"current": found.current, "wanted": found.wanted, "fits": found.fits, "ahead": ahead})
    elif found.fits:
        say(f"{found.current}, which is what this version wants")
    else:
        remedy = "install the version that migrated it" if ahead else "run tocsin db upgrade"
        say(f"{found}; {remedy}")
    if not found.fits:
        raise typer.Exit(NOT_SO)


@app.command(epilog='Example: psql "$(tocsin db url)"')
def url(
    *,
    show_password: Annotated[
        bool, typer.Option("--show-password", help="Print the password instead of ****.")
    ] = False,
) -> None:
    """Print the address of the database as psql and other programs take it."""
    address = psql.address(_url(load_settings()))
    say(address if show_password else masked(address))


@app.command(epilog="Example: tocsin db shell -- -c 'SELECT * FROM hosts'")
def shell(
    arguments: Annotated[list[str] | None, typer.Argument(help="What psql is to be told, after --.")] = None,
) -> None:
    """Open psql on the database.

    It is the psql of PATH, else the one that came with the embedded Postgres.
    """
    settings = load_settings()
    if running := running_database(settings):
        psql.become(running, arguments or [])
    with standing_database(settings) as url:
        code = psql.run(url, arguments or [])
    raise typer.Exit(code)


def _url(settings: Settings) -> str:
    return running_database(settings) or EmbeddedPostgres(settings.tocsin_home).url
