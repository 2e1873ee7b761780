"""What is not sent now: put aside as no longer wanted, waiting behind a circuit, or given up at last."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, text

from notifications import circuit, retry
from notifications.circuit import Standing
from notifications.cooldown import Action, Verdict

log = structlog.get_logger()

PUT_ASIDE = text("""
    UPDATE notification_deliveries AS d
       SET state = aside.state, reason = aside.reason, due_at = coalesce(aside.due_at, d.due_at),
           finished_at = CASE WHEN aside.state = 'superseded' THEN CAST(:now AS timestamptz) END,
           lease_token = NULL, lease_until = NULL
      FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
                  CAST(:dues AS timestamptz[])) AS aside (id, state, reason, due_at)
     WHERE d.id = aside.id
""")

# Rows that somebody else is writing are left to the next look, so that two never wait for each other.
GIVE_UP = text("""
    UPDATE notification_deliveries
       SET state = 'dead', finished_at = :now, reason = :reason, lease_token = NULL, lease_until = NULL
     WHERE id IN (SELECT c.id
                    FROM notification_deliveries AS c
                   WHERE c.destination = :destination AND c.state IN ('pending', 'sending')
                     AND c.due_at <= :now AND (c.state = 'pending' OR c.lease_until < :now)
                     AND c.created_at <= :horizon
                     AND coalesce((SELECT min(a.started_at) FROM notification_attempts AS a
                                    WHERE a.delivery_id = c.id), c.due_at) <= :horizon
                     FOR UPDATE SKIP LOCKED)
""")

SAY_WHY = text("""
    UPDATE notification_deliveries
       SET reason = :reason
     WHERE id IN (SELECT c.id
                    FROM notification_deliveries AS c
                   WHERE c.destination = :destination AND c.state = 'pending' AND c.due_at <= :now
                     AND c.reason <> :reason
                     FOR UPDATE SKIP LOCKED)
""")


def put_aside(connection: Connection, aside: Sequence[tuple[int, Verdict]], now: datetime) -> None:
    """End what is no longer wanted, and put off what is held; neither was tried, only looked at."""
    if aside:
        verdicts = [verdict for _, verdict in aside]
        rows = {
            "ids": [number for number, _ in aside],
            "states": ["pending" if v.action is Action.HOLD else "superseded" for v in verdicts],
            "reasons": [verdict.reason for verdict in verdicts],
            "dues": [verdict.until for verdict in verdicts],
        }
        connection.execute(PUT_ASIDE, rows | {"now": now})


def behind_circuit(connection: Connection, destination: str, standing: Standing, now: datetime) -> None:
    """Give up what has waited for too long, and write down why the rest waits; neither counts as a try."""
    given_up = (
        f"given up after {retry.HOURS} hours: {destination} could not be reached: {standing.last_error}"
    )
    about = {"destination": destination, "now": now}
    horizon = now - retry.GIVE_UP_AFTER
    dead = connection.execute(GIVE_UP, about | {"horizon": horizon, "reason": given_up}).rowcount
    if dead:
        log.error("delivery.given_up", destination=destination, deliveries=dead, reason=given_up)
    connection.execute(SAY_WHY, about | {"reason": circuit.waiting(destination, standing)})
