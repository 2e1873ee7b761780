"""The stand-in: what one destination cannot get goes to its fallback as well, once, and says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from policy import Policy

AFTER_FAILURES = 3
AFTER = timedelta(minutes=2)

_INTO = """
    INSERT INTO notification_deliveries (event_id, alert_id, incident_id, step, created_at, due_at,
                                         destination, recipient, kind, severity, reason, fallback_for)
"""
_WHAT = """
    SELECT d.event_id, d.alert_id, d.incident_id, d.step, :now, :now,
           :fallback, r.address, d.kind, d.severity, :reason, d.destination
      FROM notification_deliveries AS d CROSS JOIN unnest(CAST(:recipients AS text[])) AS r (address)
"""
# Whoever was told of the event by its own route has it already. Two that write the same rows write them in
# the same order, so that neither waits for the other.
_ONCE = """
       AND NOT EXISTS (SELECT FROM notification_deliveries AS o
                        WHERE o.event_id = d.event_id AND o.destination = :fallback
                          AND o.recipient = r.address AND o.step = d.step)
     ORDER BY d.event_id, r.address
        ON CONFLICT DO NOTHING
"""

OF_THESE = text(_INTO + _WHAT + "WHERE d.id = ANY(CAST(:ids AS bigint[]))" + _ONCE)

OVERDUE = text(
    _INTO
    + _WHAT
    + """
      LEFT JOIN destination_states AS s ON s.destination = d.destination
     WHERE d.destination = :destination AND d.state IN ('pending', 'sending')
       AND (d.due_at <= :waited AND s.open_until > :now
            OR EXISTS (SELECT FROM notification_attempts AS a
                        WHERE a.delivery_id = d.id AND a.outcome <> 'delivered' AND a.started_at <= :waited))
"""
    + _ONCE
)


def due(*, failures: int, waits_since: datetime, final: bool, now: datetime) -> str | None:
    """Why the stand-in gets a message that failed just now, None while it is too early for that.

    `failures` counts this one, `final` says that it is not tried again.
    """
    if final:
        return "it will not be tried there again"
    if failures >= AFTER_FAILURES:
        return f"it failed there {failures} times"
    if now - waits_since >= AFTER:
        return "it could not be delivered there within 2 minutes"
    return None


def appoint(
    connection: Connection,
    policy: Policy,
    destination: str,
    ids: Sequence[int],
    *,
    why: str,
    now: datetime,
) -> int:
    """Plan these deliveries for the fallback of their destination too, if it has one; answer how many."""
    stand_in = _stand_in(policy, destination, why)
    if stand_in is None:
        return 0
    return connection.execute(OF_THESE, stand_in | {"ids": list(ids), "now": now}).rowcount


def appoint_overdue(connection: Connection, policy: Policy, now: datetime) -> int:
    """The same for whatever has failed, or has waited for its destination, for 2 minutes."""
    why = "it could not be delivered there within 2 minutes"
    appointed = 0
    for name in policy.destinations:
        if stand_in := _stand_in(policy, name, why):
            about = {"destination": name, "now": now, "waited": now - AFTER}
            appointed += connection.execute(OVERDUE, stand_in | about).rowcount
    return appointed


def _stand_in(policy: Policy, destination: str, why: str) -> dict[str, object] | None:
    """Who stands in for a destination, as the statements take it; None where nobody does."""
    known = policy.destinations
    name = known[destination].fallback if destination in known else None
    if name is None or name not in known:
        return None
    return {
        "fallback": name,
        "recipients": list(known[name].recipients),
        "reason": f"stands in for {destination}: {why}",
    }
