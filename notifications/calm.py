"""Whether there is nothing to tell and nothing to follow up: one statement, all that a quiet day costs."""

from sqlalchemy import Connection, text

from models import clock
from notifications import retry
from notifications.first_line import SHOWN

# What planning, delivery and the editing of first messages would look for, each with the index that it has.
_STIRS = text(f"""
    SELECT EXISTS (SELECT FROM infrastructure_alerts WHERE resolved_at IS NULL)
        OR EXISTS (SELECT FROM alert_events WHERE planned_at IS NULL)
        OR EXISTS (SELECT FROM notification_deliveries WHERE state IN ('pending', 'sending'))
        -- Flapping that has not come to rest, though all of it is over.
        OR EXISTS (SELECT FROM alert_events AS e JOIN infrastructure_alerts AS a ON a.id = e.alert_id
                    WHERE e.kind = 'flapping'
                      AND NOT EXISTS (SELECT FROM alert_events AS s
                                        JOIN infrastructure_alerts AS b ON b.id = s.alert_id
                                       WHERE s.kind = 'settled' AND s.id > e.id
                                         AND coalesce(b.incident_id, b.id) = coalesce(a.incident_id, a.id)))
        OR EXISTS (SELECT FROM alert_events AS e JOIN infrastructure_alerts AS a ON a.id = e.alert_id
                     JOIN first_messages AS f ON f.incident_id = coalesce(a.incident_id, a.id)
                    WHERE e.at > ({clock.NOW.text}) - CAST(:shown_for AS interval)
                      AND e.kind = ANY(CAST(:kinds AS text[])) AND e.id > f.shown_event_id)
""")  # noqa: S608 - the one thing that is put in is ours


def is_calm(connection: Connection) -> bool:
    """Whether a round of planning and delivery would do nothing at this moment, whatever time has brought."""
    about = {"shown_for": retry.GIVE_UP_AFTER, "kinds": sorted(SHOWN)}
    return not connection.execute(_STIRS, about).scalar_one()
