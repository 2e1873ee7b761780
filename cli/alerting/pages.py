"""Alerts for people: the list, and the page about one, on screens of every width."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from cli.alerting.queries import Listed, Shown
from cli.lines import Cell, columns, cut, text
from cli.output import console, say, table
from cli.view.sections import FAINT, SEVERITY_STYLES
from notifications.quantities import moment, number, quantity, span

HEAD = ("ID", "SEVERITY", "HOST", "COMPONENT", "OPENED (UTC)", "FOR", "STATE")

# From here on the sentence fits beside the figures; on less it has a line of its own.
WIDE = 140

Row = Mapping[str, Any]


def table_of(alerts: Sequence[Listed], now: datetime) -> None:
    """Print a list of alerts."""
    screen = console()
    wide = screen.width >= WIDE
    rows: list[Sequence[Cell]] = [[Text(word, style=FAINT) for word in (*HEAD, *(["WHAT"] if wide else []))]]
    rows += [[*_cells(one, now), *([one.message] if wide else [])] for one in alerts]
    head, *lines = columns(rows, width=screen.width, right=[0], elastic=3)
    screen.print(head)
    for one, line in zip(alerts, lines, strict=True):
        screen.print(line)
        if not wide:
            screen.print(cut(text(f"    {one.message}"), screen.width))


def _cells(one: Listed, now: datetime) -> list[Cell]:
    return [
        str(one.id),
        Text(one.severity, style="" if one.resolved_at else SEVERITY_STYLES.get(one.severity, "")),
        one.host,
        one.component,
        f"{one.opened_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        span((one.resolved_at or now) - one.opened_at),
        state_of(one),
    ]


def state_of(alert: Listed) -> str:
    """Whether it is open, taken or over, and a drill."""
    drill = ", a drill" if alert.is_drill else ""
    if alert.resolved_at:
        return f"over{drill}"
    return (f"taken by {alert.acknowledged_by}" if alert.acknowledged_by else "open") + drill


def page_of(shown: Shown, now: datetime) -> None:
    """Print everything about an alert."""
    _head(shown.alert, shown.incident_id, now)
    _part("WHAT HAPPENED", (_event(row, shown.alert.unit) for row in shown.events))
    _part("DECISIONS", map(_decision, shown.decisions))
    _part("MESSAGES", map(_message, shown.deliveries))
    _part("ATTEMPTS", map(_attempt, shown.attempts))
    _evidence(shown.snapshot)


def _head(alert: Listed, incident_id: int, now: datetime) -> None:
    until = f"to {moment(alert.resolved_at)}" if alert.resolved_at else "and is open"
    lasted = span((alert.resolved_at or now) - alert.opened_at)
    taken = "nobody has taken it"
    if alert.acknowledged_by and alert.acknowledged_at:
        taken = f"{alert.acknowledged_by} took it at {moment(alert.acknowledged_at)}"
    say(f"Alert {alert.id}: {alert.severity}, {alert.host} {alert.component}, rule {alert.rule}")
    say(f"  {alert.message}")
    say(f"  from {moment(alert.opened_at)} {until}, {lasted}; {taken}")
    values = {"value": alert.value, "worst": alert.peak, "threshold": alert.threshold}
    say("  " + ", ".join(f"{name} {quantity(value, alert.unit)}" for name, value in values.items()))
    if incident_id != alert.id:
        say(f"  it fired again within the cooldown: the incident began with alert {incident_id}")
    if alert.is_drill:
        say("  this is a drill")


def _part(title: str, entries: Iterator[Sequence[str]]) -> None:
    """Entries of a line each, with what belongs to them on lines below."""
    say(f"\n{title}")
    some = False
    for head, *below in entries:
        some = True
        say(f"  {head}")
        for line in filter(None, below):
            say(f"      {line}")
    if not some:
        say("  none")


def _event(row: Row, unit: str) -> Sequence[str]:
    value = "" if row["value"] is None else f", at {quantity(row['value'], unit)}"
    limit = "" if row["threshold"] is None else f" (limit {quantity(row['threshold'], unit)})"
    return f"{moment(row['at'])}  {row['kind']}, {row['severity']}{value}{limit}", row["reason"]


def _decision(row: Row) -> Sequence[str]:
    until = f" until {moment(row['until'])}" if row["until"] else ""
    return f"{moment(row['at'])}  {row['kind']}, {_to(row)}: {row['verdict']}{until}", row["reason"]


def _message(row: Row) -> Sequence[str]:
    ended = f" at {moment(row['finished_at'])}" if row["finished_at"] else f", due {moment(row['due_at'])}"
    tries = f"{row['attempts']} attempt{'' if row['attempts'] == 1 else 's'}"
    return (
        f"{row['id']}  {row['kind']}, {_to(row)}: {row['state']}{ended}, {tries}",
        row["reason"],
        row["summary"],
    )


def _attempt(row: Row) -> Sequence[str]:
    took = f"{number(row['duration_ms'])} ms"
    return (
        f"{moment(row['started_at'])}  message {row['delivery_id']} to {_to(row)}: {row['outcome']}, {took}",
        row["answer"],
    )


def _to(row: Row) -> str:
    step = f", step {row['step']}" if row.get("step") else ""
    return f"{row['destination']} {row['recipient']}".strip() + step


def _evidence(snapshot: Mapping[str, Any]) -> None:
    say("\nEVIDENCE")
    health = snapshot.get("health")
    if health:
        taken = ", ".join(f"{name} {number(points)}" for name, points in health.items() if name != "value")
        say(f"  health {number(health['value'])}: 100 less {taken}")
    facts = [fact for fact in snapshot.get("facts") or () if fact.get("value") is not None]
    if facts:
        said = (f"{fact['name']} {quantity(fact['value'], fact.get('unit', ''))}" for fact in facts)
        say(f"  {', '.join(said)}")
    processes = snapshot.get("processes") or ()
    if processes:
        table(
            ("  PROCESS", "PID", "CPU % OF A CORE", "MEMORY MB"),
            [(f"  {p['name']}", p["pid"], _cell(p["cpu_percent"]), _cell(p["memory_mb"])) for p in processes],
            numbers=("PID", "CPU % OF A CORE", "MEMORY MB"),
        )
    if not (health or facts or processes):
        say("  none was kept")


def _cell(value: float | None) -> str | None:
    return None if value is None else number(value)
