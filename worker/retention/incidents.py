"""Alerts past their horizon: whole incidents, with all that was said about them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from worker.retention.holds import nothing_holds
from worker.retention.rows import Deletion

# So many incidents at a time; each has a few alerts, and each alert tens of events and messages.
BATCH = 200

# An incident is its first alert and those that name it. It goes when the last of them has been over for long
# enough, and no message about it is on its way.
_OLD = f"""
    SELECT root.id FROM infrastructure_alerts AS root
     WHERE root.incident_id IS NULL AND root.resolved_at < :before
       AND NOT EXISTS (
           SELECT FROM infrastructure_alerts AS later
            WHERE later.incident_id = root.id AND (later.resolved_at IS NULL OR later.resolved_at >= :before))
       AND NOT EXISTS (
           SELECT FROM notification_deliveries AS delivery
            WHERE delivery.incident_id = root.id AND delivery.state IN ('pending', 'sending'))
       AND {nothing_holds("root.opened_at", "root.resolved_at")}
"""  # noqa: S608 - constants of this package
_ALERTS = "SELECT id FROM infrastructure_alerts WHERE coalesce(incident_id, id) = ANY (:incidents)"

# Those that refer before those that they refer to, so that every row is counted and none goes unseen.
_DELIVERIES = f"SELECT id FROM notification_deliveries WHERE alert_id IN ({_ALERTS})"  # noqa: S608 - as above
PARTS = {
    "first_messages": f"delivery_id IN ({_DELIVERIES})",
    "notification_attempts": f"delivery_id IN ({_DELIVERIES})",
    "notification_decisions": f"alert_id IN ({_ALERTS})",
    "notification_deliveries": f"alert_id IN ({_ALERTS})",
    "alert_events": f"alert_id IN ({_ALERTS})",
    "infrastructure_alerts": f"id IN ({_ALERTS})",
}


def count_incidents(connection: Connection, before: datetime) -> list[Deletion]:
    """What would go with the incidents that were over before `before`."""
    incidents = list(connection.scalars(text(_OLD), {"before": before}))
    rows = Counter({table: _count(connection, table, incidents) for table in PARTS})
    return _deletions(rows, before)


def delete_incidents(engine: Engine, before: datetime) -> list[Deletion]:
    """Delete them, a batch at a time, each in a transaction of its own; answer what went."""
    rows: Counter[str] = Counter()
    for batch in _batches(engine, before):
        rows.update(batch)
    return _deletions(rows, before)


def _batches(engine: Engine, before: datetime) -> Iterator[Counter[str]]:
    some = text(f"{_OLD} ORDER BY root.id LIMIT {BATCH} FOR UPDATE OF root SKIP LOCKED")
    while True:
        with engine.begin() as connection:
            incidents = list(connection.scalars(some, {"before": before}))
            deleted = Counter({table: _delete(connection, table, incidents) for table in PARTS})
        if not incidents:
            return
        yield deleted


def _count(connection: Connection, table: str, incidents: list[int]) -> int:
    count = text(f"SELECT count(*) FROM {table} WHERE {PARTS[table]}")  # noqa: S608 - constants of this module
    rows: int = connection.execute(count, {"incidents": incidents}).scalar_one()
    return rows


def _delete(connection: Connection, table: str, incidents: list[int]) -> int:
    delete = text(f"DELETE FROM {table} WHERE {PARTS[table]}")  # noqa: S608 - constants of this module
    return connection.execute(delete, {"incidents": incidents}).rowcount


def _deletions(rows: Counter[str], before: datetime) -> list[Deletion]:
    return [
        Deletion(table, "of incidents that are over", f"{before:%Y-%m-%d %H:%M} UTC", rows[table])
        for table in PARTS
    ]
