"""Whether the database has the tables that this version wants, bringing them, and waiting for them."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep

from alembic.script import ScriptDirectory
from alembic.util import CommandError as AlembicError
from sqlalchemy.exc import OperationalError

from cli.errors import CommandError
from models import migrate

# As the client's runbooks have it: not now, and not because of a mistake on the command line.
NOT_AT_HEAD = 3

PAUSE_S = 1.0
SAY_AGAIN_S = 60.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Schema:
    """The revision that a database has, None for an empty one, and the one that this version wants."""

    current: str | None
    wanted: str

    @property
    def fits(self) -> bool:
        return self.current == self.wanted

    @property
    def ahead(self) -> bool:
        """Whether a newer version of Tocsin has migrated it: nothing older may write there."""
        return self.current is not None and self.current not in _known()

    def __str__(self) -> str:
        return f"the database has revision {self.current or 'none'}, and this version wants {self.wanted}"


def schema(url: str) -> Schema:
    """Compare a database with this version; raises sqlalchemy.exc.OperationalError when it is away."""
    return Schema(migrate.current(url), migrate.head())


def bring_up(url: str, say: Say) -> None:
    """Migrate a database that is behind; raises CommandError when it is ahead."""
    found = schema(url)
    if found.fits:
        return
    refuse_ahead(found)
    say(f"Migrating the database from {found.current or 'nothing'} to {found.wanted} …")
    migrate.upgrade(url)


def refuse_ahead(found: Schema) -> None:
    """Raise CommandError when a newer version has migrated the database."""
    if found.ahead:
        raise CommandError(f"{found}", "install the version that migrated it", NOT_AT_HEAD)


def change(work: Callable[[], None]) -> None:
    """Run a migration; what Alembic refuses is said in a sentence."""
    try:
        work()
    except AlembicError as error:
        raise CommandError(str(error), "tocsin db current shows the revisions", NOT_AT_HEAD) from None


def wait_until_it_fits(url: str, say: Say, *, start_without: bool = False) -> None:
    """Wait for a database that is at hand and migrated; raises CommandError when it is ahead.

    With `start_without`, a database that is away is not waited for.
    """
    said_at = -SAY_AGAIN_S
    while True:
        trouble = _trouble(url)
        if trouble is None or (start_without and trouble.away):
            return
        if monotonic() - said_at >= SAY_AGAIN_S:
            say(f"Waiting: {trouble.sentence}")
            said_at = monotonic()
        sleep(PAUSE_S)


@dataclass(frozen=True, slots=True)
class _Trouble:
    sentence: str
    away: bool


def _trouble(url: str) -> _Trouble | None:
    try:
        found = schema(url)
    except OperationalError as error:
        return _Trouble(f"PostgreSQL does not answer ({str(error.orig).strip().splitlines()[0]}).", away=True)
    refuse_ahead(found)
    if found.fits:
        return None
    return _Trouble(f"{found}; run tocsin db upgrade.", away=False)


def _known() -> set[str]:
    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    return {script.revision for script in scripts.walk_revisions()}
