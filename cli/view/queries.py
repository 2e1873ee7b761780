"""The statements behind the live view and `tocsin status`: the newest row of everything."""

from sqlalchemy import text

# Bounds on both sides, so that only the partitions of today (and of tomorrow at midnight) are looked at.
READINGS = text("""
    SELECT h.name AS host, h.last_seen_at, h.cpu_count, h.memory_total_gb,
           m.cpu_percent, m.cpu_percent_5m, m.load_1m, m.memory_percent, m.disk_percent,
           m.network_bytes_in_per_s, m.network_bytes_out_per_s, m.uptime_s
      FROM hosts AS h
      LEFT JOIN LATERAL (SELECT * FROM system_metrics_history
                          WHERE host_id = h.id AND ts BETWEEN :since AND :until
                          ORDER BY ts DESC LIMIT 1) AS m ON true
     WHERE h.kind = 'host' AND h.last_seen_at IS NOT NULL AND h.retired_at IS NULL
     ORDER BY h.name
""")

CHECKS = text("""
    SELECT h.name AS host, c.component, c.checked_at AS at, c.status::text AS status, c.level, c.score,
           c.response_ms, c.warnings, c.criticals, c.parts
      FROM hosts AS h
      JOIN LATERAL (SELECT DISTINCT ON (component) * FROM infrastructure_health
                     WHERE host_id = h.id AND checked_at BETWEEN :since AND :until
                     ORDER BY component, checked_at DESC) AS c ON true
     ORDER BY h.name, c.component
""")

ALERTS = text("""
    SELECT a.id, h.name AS host, a.component, a.severity, a.message, a.opened_at, a.acknowledged_by,
           a.is_drill
      FROM infrastructure_alerts AS a
      JOIN hosts AS h ON h.id = a.host_id
     WHERE a.resolved_at IS NULL
     ORDER BY a.severity = 'critical' DESC, a.opened_at
""")

# Frequent tasks leave a sign of life, chores a row for each run, and a collection its samples.
RUNS = text("""
    SELECT substr(component, 6) AS task, max(at) AS at, 'done' AS outcome,
           (array_agg(detail ORDER BY at DESC))[1] AS result
      FROM heartbeats WHERE component LIKE 'task:%'
     GROUP BY component
     UNION ALL
    SELECT component, max(at), 'done', '{}'::jsonb
      FROM heartbeats WHERE component IN ('beat', 'recorder')
     GROUP BY component
     UNION ALL
    (SELECT DISTINCT ON (task) task, coalesce(finished_at, started_at), outcome,
            coalesce(result, '{}'::jsonb)
       FROM task_runs
      ORDER BY task, started_at DESC)
     UNION ALL
    SELECT 'collect.system', max(last_seen_at), 'done', '{}'::jsonb
      FROM hosts WHERE kind = 'host' HAVING max(last_seen_at) IS NOT NULL
     UNION ALL
    SELECT 'collect.processes', max(ts), 'done', '{}'::jsonb
      FROM process_metrics_history WHERE ts > now() - interval '10 minutes' HAVING max(ts) IS NOT NULL
""")

# The table has no index on the time of an end, and numbers grow with time.
TOLD = text("""
    SELECT id, finished_at AS at, alert_id, destination, recipient, state, kind, severity, summary, reason
      FROM notification_deliveries
     WHERE state IN ('delivered', 'dead')
     ORDER BY id DESC
     LIMIT :most
""")

OUTBOX = text("""
    SELECT (SELECT count(*) FROM notification_deliveries
             WHERE state IN ('pending', 'sending') AND attempts > 1) AS retried,
           (SELECT count(*)
              FROM (SELECT state, finished_at FROM notification_deliveries ORDER BY id DESC LIMIT 10000) AS d
             WHERE state = 'dead' AND finished_at > :since) AS dead
""")
