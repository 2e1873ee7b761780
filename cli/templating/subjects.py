"""What templates are tried on: the examples that come with Tocsin, and what was stored."""

import difflib
from collections.abc import Mapping

from sqlalchemy.exc import OperationalError, ProgrammingError

from cli.context import load_policy
from cli.errors import USAGE, CommandError
from cli.output import warn
from cli.servers import open_database, running_database
from notifications.delivery.evidence import with_evidence
from notifications.digest import Digest
from notifications.examples import EXAMPLES
from notifications.notice import Notice
from notifications.trial import alert_notices, last_notices
from settings import Settings, shown


def subject(settings: Settings, event: str, alert: int | None) -> Notice | Digest:
    """The example of an event, or what could be told of an alert when that happened to it."""
    if alert is not None:
        return _of_alert(settings, event, alert)
    try:
        return EXAMPLES[event]
    except KeyError:
        near = difflib.get_close_matches(event, EXAMPLES, 1, 0.5)
        remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(EXAMPLES)}"
        raise CommandError(f"EVENT: there is no event {shown(event)}", remedy, USAGE) from None


def stored(settings: Settings, most: int) -> Mapping[str, Notice]:
    """What could be told of the newest events; nothing, and a word about it, where no database answers."""
    if running_database(settings) is None:
        return {}
    try:
        with open_database(settings, "templates") as engine, engine.connect() as connection:
            found = last_notices(connection, most, runbooks=settings.runbook_url)
    except (OperationalError, ProgrammingError):
        warn("the database does not answer, so only the examples are looked at")
        return {}
    return {f"alert {one.alert_id}, {one.kind.value} at {one.at:%Y-%m-%d %H:%M:%S}": one for one in found}


def _of_alert(settings: Settings, event: str, alert: int) -> Notice:
    with open_database(settings, "templates") as engine, engine.connect() as connection:
        found = alert_notices(connection, alert, runbooks=settings.runbook_url)
        of_kind = [one for one in found if one.kind.value == event][-1:]
        told = with_evidence(engine, load_policy(settings), dict(enumerate(of_kind)))
    if not found:
        raise CommandError(f"there is no alert {alert}", "tocsin alerts list --all shows which there are")
    if not told:
        happened = ", ".join(dict.fromkeys(one.kind.value for one in found))
        raise CommandError(f"alert {alert} has no event {shown(event)}", f"it has {happened}")
    return told[0]
