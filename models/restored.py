"""What has to be settled in a database that was restored, before anything looks at it.

A backup is a state of the past, and what it says about alerts has gone on since: messages that were on their
way have arrived, alerts are over, or were told as over. Nobody can know. So whatever was under way is ended
without a word, and evaluation begins anew: what still fires opens a new alert, and is told once.
"""

from datetime import UTC, datetime

# Who ended it, in the history of alerts.
ACTOR = "restore"

# Numbers that people and buttons in old messages may have named since the backup are not given twice.
NUMBERS_SKIPPED = 100_000
NUMBERED = ("infrastructure_alerts", "alert_events", "notification_deliveries")

_QUIETING = """
CREATE TEMPORARY TABLE ended ON COMMIT DROP AS
    SELECT id, coalesce(incident_id, id) AS incident_id FROM infrastructure_alerts WHERE resolved_at IS NULL;
-- The incidents that are in the middle of flapping.
CREATE TEMPORARY TABLE restless ON COMMIT DROP AS
    SELECT incident_id, (array_agg(alert_id ORDER BY id DESC))[1] AS alert_id
      FROM (SELECT e.id, e.alert_id, e.kind, coalesce(a.incident_id, a.id) AS incident_id
              FROM alert_events AS e JOIN infrastructure_alerts AS a ON a.id = e.alert_id
             WHERE e.kind IN ('flapping', 'settled')) AS changes
     GROUP BY incident_id HAVING (array_agg(kind ORDER BY id DESC))[1] = 'flapping';

INSERT INTO notification_decisions (event_id, alert_id, at, destination, verdict, cause, reason)
    SELECT id, alert_id, {taken_at}, '', 'skip', 'restored', {reason}
      FROM alert_events WHERE planned_at IS NULL;
UPDATE alert_events SET planned_at = {taken_at} WHERE planned_at IS NULL;

UPDATE notification_deliveries
   SET state = 'superseded', finished_at = {taken_at}, lease_until = NULL, lease_token = NULL,
       reason = {reason} || ': it may have been delivered since'
 WHERE state IN ('pending', 'sending');

UPDATE infrastructure_alerts SET seq = seq + 1 WHERE id IN (SELECT alert_id FROM restless);
INSERT INTO alert_events (alert_id, at, planned_at, seq, kind, severity, actor, reason)
    SELECT a.id, {taken_at}, {taken_at}, a.seq, 'settled', a.severity, {actor}, {reason}
      FROM infrastructure_alerts AS a JOIN restless AS r ON r.alert_id = a.id;
UPDATE infrastructure_alerts SET seq = seq + 1, resolved_at = greatest(opened_at, {taken_at})
 WHERE id IN (SELECT id FROM ended);
INSERT INTO alert_events (alert_id, at, planned_at, seq, kind, severity, actor, reason)
    SELECT id, resolved_at, {taken_at}, seq, 'resolved', severity, {actor},
           {reason} || ': if it still fires it opens anew'
      FROM infrastructure_alerts WHERE id IN (SELECT id FROM ended);
DELETE FROM alert_watches;

-- What stands in Slack is left as it is.
UPDATE first_messages AS f
   SET shown_event_id = (SELECT max(e.id) FROM alert_events AS e
                           JOIN infrastructure_alerts AS a ON a.id = e.alert_id
                          WHERE coalesce(a.incident_id, a.id) = f.incident_id)
 WHERE EXISTS (SELECT FROM ended WHERE ended.incident_id = f.incident_id)
    OR EXISTS (SELECT FROM restless WHERE restless.incident_id = f.incident_id);

-- The signs of life are those of programs that have ended, and would be called silent.
DELETE FROM heartbeats;
UPDATE outages SET ended_at = coalesce(ended_at, {taken_at}), end_told_at = {taken_at}
 WHERE end_told_at IS NULL;
"""


def reason(taken_at: datetime) -> str:
    """Why things are as they are after a restore, in the words of the history."""
    return f"restored from the backup of {taken_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def quieting(taken_at: datetime, schema: str) -> str:
    """SQL that ends whatever was under way at `taken_at` (aware); run it in the transaction that restores."""
    stamp = f"timestamptz '{taken_at.astimezone(UTC).isoformat()}'"
    settled = _QUIETING.format(taken_at=stamp, reason=f"text '{reason(taken_at)}'", actor=f"'{ACTOR}'")
    numbers = (
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id) + {NUMBERS_SKIPPED})"  # noqa: S608
        f" FROM {table} HAVING max(id) IS NOT NULL;\n"
        for table in NUMBERED
    )
    return f'SET LOCAL search_path = "{schema}";\n' + settled + "".join(numbers)
