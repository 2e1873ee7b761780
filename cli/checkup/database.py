"""Postgres: whether it can be used, its version and schema, its clock, its room, and what is stuck in it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from cli.checkup import postgres_disk
from cli.checkup.mark import Looked, Mark
from cli.schema import Schema, schema
from cli.view.reading import vitals
from models import clock
from notifications.quantities import span
from watchdog.itself import itself
from watchdog.judgement import judge
from watchdog.verdict import State

# What the tests run on is newer; what is older than this gets no corrections any more.
OLDEST = 14

# A host that is further off than this stores its samples in the wrong slots without our correction.
SKEWED = timedelta(seconds=2)

ROOM = text("""
    SELECT current_setting('max_connections')::int AS most,
           (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS open,
           pg_database_size(current_database()) AS bytes
""")
DELIVERIES = text("""
    SELECT count(*) FILTER (WHERE state = 'dead' AND finished_at > :now - interval '1 day') AS dead,
           count(*) FILTER (WHERE state IN ('pending', 'sending') AND due_at < :now - interval '10 minutes')
               AS stuck
      FROM notification_deliveries WHERE state IN ('pending', 'sending', 'dead')
""")


def database(engine: Engine, url: str, *, now: datetime | None = None) -> Iterator[Looked]:
    """Everything about Postgres; one line when it does not answer. `now` is the time on this machine."""
    try:
        with engine.connect() as connection:
            yield of_version(connection.dialect.server_version_info or ())
            yield of_clock(clock.now(connection) - (now or datetime.now(UTC)))
            yield _room(connection)
            yield postgres_disk.disk(connection)
        revision = schema(url)
        yield of_schema(revision)
        if revision.fits:
            with engine.connect() as connection:
                yield from _deliveries(connection)
    except OperationalError as error:
        found = f"it does not answer ({_first_line(error)})"
        yield Looked("postgres", Mark.WRONG, found, "start it, or correct DATABASE_URL")


def parts(engine: Engine, *, redis_answers: bool, buttons_awaited: bool) -> Iterator[Looked]:
    """Every part of Tocsin, by the judgement of the watchdog."""
    try:
        with engine.connect() as connection:
            found = vitals(connection, redis_answers=redis_answers, buttons_awaited=buttons_awaited)
    except DBAPIError:
        return
    marks = {State.ALIVE: Mark.OK, State.UNKNOWN: Mark.WARNING, State.STOPPED: Mark.WRONG}
    for one in judge(found):
        yield Looked(one.part, marks[one.state], one.reason, one.remedy)
    watchdog = itself(found)
    # Without one all the rest goes on.
    mark = Mark.OK if watchdog.state is State.ALIVE else Mark.WARNING
    yield Looked(watchdog.part, mark, watchdog.reason, watchdog.remedy)


def of_version(version: tuple[int | str, ...]) -> Looked:
    said = ".".join(map(str, version))
    if version and int(version[0]) < OLDEST:
        return Looked("postgres", Mark.WRONG, f"PostgreSQL is {said}", f"upgrade it to {OLDEST} or newer")
    return Looked("postgres", Mark.OK, f"PostgreSQL is {said}")


def of_schema(found: Schema) -> Looked:
    if found.fits:
        return Looked("schema", Mark.OK, f"the database has revision {found.current}, as it should")
    remedy = "install the version that migrated it" if found.ahead else "run tocsin db upgrade"
    return Looked("schema", Mark.WRONG, str(found), remedy)


def of_clock(ahead: timedelta) -> Looked:
    """What it means that the database's clock is so far ahead of this machine's."""
    off = f"the clocks of this machine and of PostgreSQL differ by {abs(ahead).total_seconds():.1f} s"
    if abs(ahead) <= SKEWED:
        return Looked("clock", Mark.OK, off)
    return Looked("clock", Mark.WARNING, off, "run an NTP client on both; that of PostgreSQL decides")


def of_room(*, open_: int, most: int, size: int) -> Looked:
    """What so many connections mean; `size` is that of the database in bytes."""
    said = f"{open_} of {most} connections are open, and the database has {size / 2**20:,.0f} MB"
    if open_ > 0.8 * most:
        return Looked("postgres", Mark.WARNING, said, "raise max_connections, or see who holds them")
    return Looked("postgres", Mark.OK, said)


def _room(connection: Connection) -> Looked:
    row = connection.execute(ROOM).one()
    return of_room(open_=row.open, most=row.most, size=row.bytes)


def _deliveries(connection: Connection) -> Iterator[Looked]:
    row = connection.execute(DELIVERIES, {"now": clock.now(connection)}).one()
    waited = span(timedelta(minutes=10))
    if row.dead:
        found = f"{row.dead:,} messages of the last day were given up"
        yield Looked("deliveries", Mark.WARNING, found, "tocsin deliveries list says why")
    if row.stuck:
        found = f"{row.stuck:,} messages have been due for more than {waited}"
        yield Looked("deliveries", Mark.WRONG, found, "tocsin deliveries list says what they wait for")
    if not row.dead and not row.stuck:
        yield Looked("deliveries", Mark.OK, "no message is stuck, and none of the last day was given up")


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).strip().splitlines() or [type(error).__name__])[0]
