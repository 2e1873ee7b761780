"""What Postgres is asked on each scrape: every metric with its question, and the counters that are kept."""

from domain.alerts import EventKind
from domain.cadence import SILENCE
from exporter.metric import Label, Metric, counter, gauge
from notifications.cooldown import Action, Cause

DESTINATION = Label("destination")
SEVERITY = Label("severity", ("warning", "critical"))
PERIOD = Label("period", ("hour", "day"))

# Each answers with the labels of the metric, in order, and a number. `now()` is the moment of the snapshot.
QUESTIONS: dict[Metric, str] = {
    gauge("hosts", "Hosts by whether their samples arrive.", Label("state", ("reporting", "silent"))): f"""
        SELECT CASE WHEN last_seen_at > now() - interval '{SILENCE.total_seconds():g} s'
                    THEN 'reporting' ELSE 'silent' END, count(*)
          FROM hosts WHERE kind = 'host' AND retired_at IS NULL GROUP BY 1""",  # noqa: S608 - a number of our own
    gauge("newest_sample_age_seconds", "Age of the newest sample of any host."): """
        SELECT extract(epoch FROM now() - last_seen_at) FROM hosts
         WHERE last_seen_at IS NOT NULL ORDER BY last_seen_at DESC LIMIT 1""",
    gauge(
        "alerts",
        "Open alerts, drills left out.",
        SEVERITY,
        Label("state", ("firing", "acknowledged")),
    ): """
        SELECT severity, CASE WHEN acknowledged_at IS NULL THEN 'firing' ELSE 'acknowledged' END, count(*)
          FROM infrastructure_alerts WHERE resolved_at IS NULL AND NOT is_drill GROUP BY 1, 2""",
    gauge("pending_breaches", "Breaches that have not lasted long enough for an alert yet."): """
        SELECT count(*) FROM alert_watches WHERE severity IS NULL""",
    gauge("unplanned_events", "Events of alerts about which nobody has decided who hears of them."): """
        SELECT count(*) FROM alert_events WHERE planned_at IS NULL""",
    gauge("unplanned_events_oldest_age_seconds", "Age of the oldest of them, 0 without one."): """
        SELECT coalesce(extract(epoch FROM now() - min(at)), 0) FROM alert_events WHERE planned_at IS NULL""",
    gauge(
        "outbox_deliveries",
        "Deliveries that have not ended.",
        DESTINATION,
        Label("state", ("pending", "sending")),
    ): """
        SELECT destination, state, count(*) FROM notification_deliveries
         WHERE state IN ('pending', 'sending') GROUP BY 1, 2""",
    gauge(
        "outbox_oldest_age_seconds",
        "Longest time for which a delivery has been due and was not delivered, 0 without one.",
    ): """
        SELECT coalesce(extract(epoch FROM now() - min(coalesce(tried.first_at, d.due_at))), 0)
          FROM notification_deliveries AS d
          LEFT JOIN LATERAL (SELECT min(started_at) AS first_at FROM notification_attempts
                              WHERE delivery_id = d.id) AS tried ON true
         WHERE d.state IN ('pending', 'sending') AND (d.due_at <= now() OR tried.first_at IS NOT NULL)""",
    gauge(
        "destination_left_alone",
        "1 while a destination has failed again and again and is only probed.",
        DESTINATION,
        together=max,
    ): """
        SELECT destination, (open_until IS NOT NULL)::int FROM destination_states""",
    gauge("active_silences", "Silences set by people that have begun and not ended."): """
        SELECT count(*) FROM silences WHERE starts_at <= now() AND ends_at > now()""",
    gauge(
        "heartbeat_age_seconds",
        "Time since the last sign of life of a part; of several of one kind, of the newest.",
        Label("component"),
        together=max,
    ): """
        SELECT component, extract(epoch FROM now() - max(at)) FROM heartbeats GROUP BY 1""",
    gauge(
        "chore_last_success_age_seconds",
        "Time since a chore was last done.",
        Label("task"),
        together=max,
    ): """
        SELECT task, extract(epoch FROM now() - max(finished_at)) FROM task_runs
         WHERE outcome = 'done' AND finished_at IS NOT NULL GROUP BY 1""",
    gauge(
        "rollup_lag_seconds",
        "Time since the end of the newest hour or day that is rolled up for good.",
        PERIOD,
        together=max,
    ): """
        SELECT period,
               extract(epoch FROM now() - max(bucket)) - CASE period WHEN 'hour' THEN 3600 ELSE 86400 END
          FROM rollup_windows WHERE final GROUP BY 1""",
    gauge("rollup_windows_due", "Hours and days to roll up again because data came late.", PERIOD): """
        SELECT period, count(DISTINCT bucket) FROM rollup_dues GROUP BY 1""",
    gauge(
        "partition_days_ahead",
        "Days after today for which a table has its partition already.",
        Label("table"),
        together=min,
    ): """
        SELECT parent.relname,
               max(to_date(right(child.relname, 8), 'YYYYMMDD')) - (now() AT TIME ZONE 'UTC')::date
          FROM pg_inherits AS link
          JOIN pg_class AS parent ON parent.oid = link.inhparent AND parent.relkind = 'p'
          JOIN pg_class AS child ON child.oid = link.inhrelid AND child.relname ~ '_[0-9]{8}$'
         WHERE parent.relname <> 'system_metrics_packed'
         GROUP BY 1""",
    gauge("database_size_bytes", "Size of the database on disk."): """
        SELECT pg_database_size(current_database())""",
}

# Kept by the database itself, in the transaction that did the thing: see models/counters.py.
COUNTERS: tuple[Metric, ...] = (
    counter("samples_recorded", "Samples taken from the stream and stored.", Label("kind")),
    counter("evaluations", "Values held against a rule.", Label("rule")),
    counter("alert_events", "Changes of alerts.", Label("kind", tuple(EventKind))),
    counter(
        "notification_decisions",
        "Decisions to send, hold or skip a message; `cooldown` is what the cooldown held back.",
        Label("verdict", tuple(Action)),
        Label("cause", tuple(Cause)),
    ),
    counter(
        "delivery_attempts",
        "Attempts to deliver a message.",
        DESTINATION,
        Label("outcome", ("delivered", "retry", "ambiguous", "permanent")),
    ),
    counter("delivery_attempt_seconds", "Time that these attempts took.", DESTINATION),
    counter(
        "deliveries",
        "Deliveries that ended.",
        DESTINATION,
        Label("outcome", ("delivered", "superseded", "dead")),
    ),
    counter("delivery_delay_seconds", "Time from plan to end of what was delivered, added up.", DESTINATION),
)
