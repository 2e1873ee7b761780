"""The `[[routes]]`, `[escalation]` and `[[maintenance]]` of a file."""

import difflib
from collections.abc import Mapping
from datetime import timedelta

from policy.file.destinations import Book
from policy.file.parse import Parsed
from policy.file.places import Keys
from policy.file.schema import EscalationTable, MaintenanceTable, QuietHoursTable, RouteTable, ScopeTable
from policy.file.tags import hosts_of
from policy.matching import Scope
from policy.metrics import component_meant
from policy.routes import Escalation, Route, Step
from policy.windows import Maintenance, Once, QuietHours, Recurring
from settings import shown


def escalations(parsed: Parsed, book: Book) -> dict[str, Escalation]:
    """The escalation policies by name."""
    return {str(keys[1]): _escalation(parsed, keys, table, book) for keys, table in parsed.of("escalation")}


def routes(parsed: Parsed, book: Book, escalations: Mapping[str, Escalation]) -> tuple[Route, ...]:
    """The routes in the order of the file."""
    return tuple(_route(parsed, keys, table, book, escalations) for keys, table in parsed.of("routes"))


def maintenance(parsed: Parsed) -> tuple[Maintenance, ...]:
    """The maintenance windows."""
    found: dict[str, Maintenance] = {}
    for keys, table in parsed.of("maintenance"):
        if table.name in found:
            parsed.complain((*keys, "name"), "there is another window of that name", "give it another name")
        scope, span = _scope(parsed, keys, table), _span(parsed, keys, table)
        if span is not None:
            found[table.name] = Maintenance(table.name, span, scope, table.reason)
    return tuple(found.values())


def quiet_hours(table: QuietHoursTable) -> QuietHours:
    return QuietHours(Recurring(table.start, table.duration, table.days))


def _escalation(parsed: Parsed, keys: Keys, table: EscalationTable, book: Book) -> Escalation:
    before = timedelta(0)
    for index, step in enumerate(table.steps):
        place = (*keys, "steps", index)
        if step.after <= before:
            parsed.complain(
                (*place, "after"), "it does not come after the step before", "write the steps in order"
            )
        before = step.after
        for name in step.destinations:
            book.check(parsed, (*place, "destinations"), name)
    if table.repeats is not None and table.repeat is None:
        parsed.complain(
            (*keys, "repeats"), "it says how often, and nothing says after how long", "add repeat"
        )
    steps = tuple(Step(step.after, step.destinations) for step in table.steps)
    return Escalation(str(keys[1]), steps, table.repeat, table.repeats)


def _route(
    parsed: Parsed, keys: Keys, table: RouteTable, book: Book, known: Mapping[str, Escalation]
) -> Route:
    for name in table.destinations:
        book.check(parsed, (*keys, "destinations"), name)
    wanted = table.escalation
    if wanted and wanted not in known and ("escalation", wanted) not in parsed.broken:
        near = difflib.get_close_matches(wanted, known, 1, 0.6)
        remedy = f"did you mean {near[0]}?" if near else f"write a table [escalation.{wanted}]"
        parsed.complain((*keys, "escalation"), f"there is no escalation {wanted}", remedy)
    escalation = known.get(wanted) if wanted else None
    return Route(_scope(parsed, keys, table), table.destinations, escalation, table.goes_on)


def _scope(parsed: Parsed, keys: Keys, table: ScopeTable) -> Scope:
    for glob in table.components:
        near = component_meant(glob)
        if near:
            parsed.complain(
                (*keys, "components"), f"{shown(glob)} is not a component", f"did you mean {near}?"
            )
    return Scope(hosts_of(parsed, keys, table), table.components, table.severities)


def _span(parsed: Parsed, keys: Keys, table: MaintenanceTable) -> Once | Recurring | None:
    once = (table.starts_at, table.ends_at)
    recurring = (table.start, table.duration)
    if table.starts_at and table.ends_at and recurring == (None, None):
        if table.starts_at < table.ends_at:
            return Once(table.starts_at, table.ends_at)
        parsed.complain((*keys, "to"), "it is not after from", "swap the two, or correct one")
    elif table.start and table.duration and once == (None, None):
        return Recurring(table.start, table.duration, table.days)
    else:
        parsed.complain(
            keys, "it has neither from and to nor start and duration", "write one of the two pairs, not both"
        )
    return None
