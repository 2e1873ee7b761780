"""Gathers what a message says: the event, its alert, its host, and the evidence that was kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from domain.alerts import EventKind
from domain.severity import Severity
from domain.snapshot import Snapshot
from models import Alert, AlertEvent, Host
from notifications.delivery.neighbours import Open, open_alerts
from notifications.delivery.parcel import Claimed
from notifications.notice import Notice

SNAPSHOT = TypeAdapter(Snapshot)


def notices(
    connection: Connection, claimed: Sequence[Claimed], *, runbooks: str | None = None
) -> Mapping[int, Notice]:
    """The notice of each claimed delivery, by the delivery's id; `runbooks` starts the links to runbooks."""
    if not claimed:
        return {}
    rows = {row.event_id: row for row in _events(connection, [c.event_id for c in claimed])}
    others = open_alerts(connection, {row.host_id for row in rows.values()})
    return {c.id: _notice(c, rows[c.event_id], others, runbooks) for c in claimed}


def _notice(claimed: Claimed, row: Any, others: Mapping[int, Open], runbooks: str | None) -> Notice:
    # A reminder looks at nothing anew: what was seen when it opened is the evidence.
    snapshot = _snapshot(row.snapshot or row.alert_snapshot)
    other = others.get(row.host_id, Open()).without(claimed.alert_id, is_open=row.resolved_at is None)
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
        seen_at=None if row.snapshot else row.opened_at,
        also_open=other.worst,
        also_open_total=other.total,
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
            Alert.snapshot.label("alert_snapshot"),
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
