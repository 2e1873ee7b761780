"""Alerts for people: the list, and the page about one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from cli.alert_queries import Listed, Shown
from cli.output import printable, say, table
from cli.sections import SEVERITY_STYLES
from notifications.quantities import moment, number, quantity, span


def table_of(alerts: Sequence[Listed], now: datetime) -> None:
    """Print a list of alerts, a line each."""
    table(
        ("ID", "SEVERITY", "HOST", "COMPONENT", "OPENED (UTC)", "FOR", "STATE", "WHAT"),
        [
            (
                one.id,
                Text(one.severity, style="" if one.resolved_at else SEVERITY_STYLES.get(one.severity, "")),
                one.host,
                one.component,
                f"{one.opened_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
                span((one.resolved_at or now) - one.opened_at),
                state_of(one),
                one.message,
            )
            for one in alerts
        ],
        numbers=("ID",),
    )


def state_of(alert: Listed) -> str:
    """Whether it is open, taken or over, and a drill."""
    drill = ", a drill" if alert.is_drill else ""
    if alert.resolved_at:
        return f"over{drill}"
    return (f"taken by {alert.acknowledged_by}" if alert.acknowledged_by else "open") + drill


def page_of(shown: Shown, now: datetime) -> None:
    """Print everything about an alert."""
    _head(shown.alert, shown.incident_id, now)
    _part("WHAT HAPPENED", shown.events, ("at", "kind", "severity", "value", "threshold", "actor", "reason"))
    _part(
        "DECISIONS", shown.decisions, ("at", "kind", "step", "destination", "recipient", "verdict", "reason")
    )
    _part(
        "MESSAGES",
        shown.deliveries,
        ("id", "kind", "destination", "recipient", "state", "finished_at", "attempts", "reason", "summary"),
    )
    _part("ATTEMPTS", shown.attempts, ("delivery_id", "started_at", "duration_ms", "outcome", "answer"))
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


def _part(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """A table of the columns that say something."""
    say(f"\n{title}")
    if not rows:
        say("none")
        return
    kept = [column for column in columns if any(row[column] not in (None, "") for row in rows)]
    head = [column.upper().replace("_", " ") for column in kept]
    table(head, [[row[column] for column in kept] for row in rows])


def _evidence(snapshot: Mapping[str, Any]) -> None:
    say("\nEVIDENCE")
    health = snapshot.get("health")
    if health:
        taken = ", ".join(f"{name} {number(points)}" for name, points in health.items() if name != "value")
        say(f"health {number(health['value'])}: 100 less {taken}")
    facts = [fact for fact in snapshot.get("facts") or () if fact.get("value") is not None]
    if facts:
        said = (f"{fact['name']} {quantity(fact['value'], fact.get('unit', ''))}" for fact in facts)
        say(printable(", ".join(said)))
    processes = snapshot.get("processes") or ()
    if processes:
        table(
            ("PROCESS", "PID", "CPU % OF A CORE", "MEMORY MB"),
            [(p["name"], p["pid"], p["cpu_percent"], p["memory_mb"]) for p in processes],
            numbers=("PID", "CPU % OF A CORE", "MEMORY MB"),
        )
    if not (health or facts or processes):
        say("none was kept")
