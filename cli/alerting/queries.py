"""What there is to know of alerts, read as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from domain.severity import Severity


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts: open ones only, unless `everything`; the newest `most` of them."""

    everything: bool
    host: str | None
    severity: Severity | None
    since: datetime | None
    most: int


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert in a list; values are in `unit`."""

    id: int
    host: str
    component: str
    rule: str
    severity: str
    message: str
    opened_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    value: float
    peak: float
    threshold: float
    unit: str
    is_drill: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything about an alert, each part in the order of time."""

    alert: Listed
    incident_id: int
    snapshot: Mapping[str, Any]
    events: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    deliveries: Sequence[Mapping[str, Any]]
    attempts: Sequence[Mapping[str, Any]]


def listed(connection: Connection, wanted: Wanted) -> list[Listed]:
    """The alerts that are wanted, the newest first."""
    rows = connection.execute(
        _LISTED,
        {
            "id": None,
            "everything": wanted.everything,
            "host": wanted.host,
            "severity": wanted.severity,
            "since": wanted.since,
            "most": wanted.most,
        },
    )
    return [Listed(**row) for row in rows.mappings()]


def shown(connection: Connection, alert_id: int) -> Shown | None:
    """Everything about one alert, None where there is no such number."""
    about = {"id": alert_id}
    found = connection.execute(
        _LISTED,
        {"id": alert_id, "everything": True, "host": None, "severity": None, "since": None, "most": 1},
    )
    row = found.mappings().first()
    if row is None:
        return None
    evidence = connection.execute(_EVIDENCE, about).one()
    parts = {
        name: [dict(one) for one in connection.execute(statement, about).mappings()]
        for name, statement in _PARTS.items()
    }
    return Shown(Listed(**row), evidence.incident_id, evidence.snapshot, **parts)


_LISTED = text("""
    SELECT a.id, h.name AS host, a.component, a.rule, a.severity, a.message, a.opened_at, a.resolved_at,
           a.acknowledged_at, a.acknowledged_by, a.value, a.peak, a.threshold, a.unit, a.is_drill
      FROM infrastructure_alerts AS a
      JOIN hosts AS h ON h.id = a.host_id
     WHERE (CAST(:id AS bigint) IS NULL OR a.id = :id)
       AND (CAST(:everything AS boolean) OR a.resolved_at IS NULL)
       AND (CAST(:host AS text) IS NULL OR h.name = :host)
       AND (CAST(:severity AS text) IS NULL OR a.severity = :severity)
       AND (CAST(:since AS timestamptz) IS NULL OR a.opened_at >= :since)
     ORDER BY a.opened_at DESC, a.id DESC
     LIMIT :most
""")

_EVIDENCE = text("""
    SELECT coalesce(incident_id, id) AS incident_id, snapshot FROM infrastructure_alerts WHERE id = :id
""")

_PARTS = {
    "events": text("""
        SELECT seq, at, kind, severity, value, threshold, actor, reason, planned_at
          FROM alert_events WHERE alert_id = :id ORDER BY seq
    """),
    "decisions": text("""
        SELECT d.at, e.seq, e.kind, d.step, d.destination, d.recipient, d.verdict, d.until, d.reason
          FROM notification_decisions AS d
          JOIN alert_events AS e ON e.id = d.event_id
         WHERE d.alert_id = :id ORDER BY d.id
    """),
    "deliveries": text("""
        SELECT id, created_at, due_at, finished_at, kind, step, destination, recipient, state, attempts,
               reason, summary, provider_id, fallback_for, digest_id
          FROM notification_deliveries WHERE alert_id = :id ORDER BY id
    """),
    "attempts": text("""
        SELECT t.delivery_id, t.started_at, t.duration_ms, d.destination, d.recipient, t.outcome, t.answer
          FROM notification_attempts AS t
          JOIN notification_deliveries AS d ON d.id = t.delivery_id
         WHERE d.alert_id = :id ORDER BY t.id
    """),
}
