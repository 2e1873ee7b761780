"""Whether anybody hears who presses a button in Slack, where buttons are shown."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from cli.checkup.mark import Looked, Mark
from models import clock
from notifications.quantities import span
from worker import heartbeats

# The component of its heartbeat, which it leaves every 15 s while a connection to Slack stands.
COMPONENT = "slack-buttons"
SILENT = timedelta(seconds=60)
REMEDY = "start tocsin buttons where Postgres can be reached; its log says what Slack answered"


def buttons(engine: Engine) -> Iterator[Looked]:
    """What the heartbeat of `tocsin buttons` says; nothing where the database has none to show."""
    try:
        with engine.connect() as connection:
            last, now = heartbeats.last(connection, COMPONENT), clock.now(connection)
    except DBAPIError:
        return  # what is wrong with the database is said before
    yield of_silence(None if last is None else now - last[0])


def of_silence(age: timedelta | None) -> Looked:
    """What it means that its last heartbeat is so old; None for never."""
    if age is None or age > SILENT:
        since = f"for {span(age)}" if age else "yet"
        return Looked("buttons", Mark.WARNING, f"nobody hears the buttons in Slack {since}", REMEDY)
    return Looked("buttons", Mark.OK, "presses of buttons in Slack are heard")
