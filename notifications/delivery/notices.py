"""Gathers what a message says: the event, its alert, its host, and the evidence that was kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from domain.alerts import EventKind
from domain.severity import Severity
from domain.snapshot import Snapshot
from models import Alert, AlertEvent, Host
from notifications.delivery.parcel import Claimed
from notifications.notice import Notice, OpenAlert

SNAPSHOT = TypeAdapter(Snapshot)
ALSO_OPEN = 5


def notices(
    connection: Connection, claimed: Sequence[Claimed], *, runbooks: str | None = None
) -> Mapping[int, Notice]:
    """The notice of each claimed delivery, by the delivery's id; `runbooks` starts the links to runbooks."""
    if not claimed:
        return {}
    rows = {row.event_id: row for row in _events(connection, [c.event_id for c in claimed])}
    others = _open_alerts(connection, {row.host_id for row in rows.values()})
    return {c.id: _notice(c, rows[c.event_id], others, runbooks) for c in claimed}


def _notice(
    claimed: Claimed, row: Any, others: Mapping[int, Sequence[tuple[int, OpenAlert]]], runbooks: str | None
) -> Notice:
    snapshot = _snapshot(row.snapshot)
    return Notice(
        delivery_id=claimed.id,
        alert_id=claimed.alert_id,
        incident_id=claimed.incident_id,
        kind=EventKind(row.kind),
        severity=Severity(row.severity),
        host=row.host,
        component=row.component,
        rule=row.rule,
        metric=row.metric,
        unit=row.unit,
        value=row.value if row.value is not None else row.alert_value,
        threshold=row.threshold if row.threshold is not None else row.alert_threshold,
        message=row.message,
        reason=row.reason,
        at=row.at,
        opened_at=row.opened_at,
        breach_since=row.breach_since,
        is_drill=row.is_drill,
        peak=row.peak,
        resolved_at=row.resolved_at,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        health=snapshot.health,
        facts=snapshot.facts,
        processes=snapshot.processes,
        also_open=tuple(o for i, o in others.get(row.host_id, ()) if i != claimed.alert_id)[:ALSO_OPEN],
        acknowledge=f"tocsin alerts ack {claimed.alert_id}" if row.resolved_at is None else None,
        runbook_url=f"{runbooks}{row.rule}" if runbooks else None,
        repeated=claimed.repeated,
        fallback_for=claimed.fallback_for,
    )


def _snapshot(document: Any) -> Snapshot:
    try:
        return SNAPSHOT.validate_python(document or {})
    except ValidationError:
        # Written by another version: the page goes out without it.
        return Snapshot()


def _events(connection: Connection, event_ids: Sequence[int]) -> Sequence[Any]:
    return connection.execute(
        select(
            AlertEvent.id.label("event_id"),
            AlertEvent.kind,
            AlertEvent.severity,
            AlertEvent.at,
            AlertEvent.value,
            AlertEvent.threshold,
            AlertEvent.reason,
            AlertEvent.snapshot,
            Alert.host_id,
            Alert.component,
            Alert.rule,
            Alert.metric,
            Alert.unit,
            Alert.value.label("alert_value"),
            Alert.threshold.label("alert_threshold"),
            Alert.message,
            Alert.opened_at,
            Alert.breach_since,
            Alert.is_drill,
            Alert.peak,
            Alert.resolved_at,
            Alert.acknowledged_by,
            Alert.acknowledged_at,
            Host.name.label("host"),
        )
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .join(Host, Host.id == Alert.host_id)
        .where(AlertEvent.id.in_(event_ids))
    ).all()


def _open_alerts(connection: Connection, host_ids: set[int]) -> Mapping[int, Sequence[tuple[int, OpenAlert]]]:
    rows = connection.execute(
        select(Alert)
        .where(Alert.host_id.in_(host_ids), Alert.resolved_at.is_(None))
        .order_by(Alert.severity, Alert.opened_at)
    ).mappings()
    found = defaultdict(list)
    for row in rows:
        found[row["host_id"]].append((row["id"], _open_alert(row)))
    return found


def _open_alert(row: Any) -> OpenAlert:
    return OpenAlert(
        alert_id=row["id"],
        severity=Severity(row["severity"]),
        component=row["component"],
        value=row["value"],
        unit=row["unit"],
        opened_at=row["opened_at"],
    )
