-- Views for people who ask in SQL. What they show is theirs to rely on; the tables below may change.

CREATE VIEW v_current AS
SELECT h.name AS host,
       CASE WHEN h.last_seen_at > now() - interval '15 s' THEN coalesce(c.status, 'unknown')
            ELSE 'unknown' END AS status,
       c.level,
       c.score,
       s.ts AS sample_at,
       now() - h.last_seen_at AS silent_for,
       s.cpu_percent,
       s.load_1m,
       h.cpu_count,
       s.memory_percent,
       s.memory_used_gb,
       h.memory_total_gb,
       s.swap_percent,
       s.disk_percent,
       s.disk_used_gb,
       s.disk_free_gb,
       s.network_bytes_in_per_s,
       s.network_bytes_out_per_s,
       s.connections,
       make_interval(secs => s.uptime_s) AS uptime,
       a.open_warnings,
       a.open_criticals
  FROM hosts AS h
  -- The bounds on the time keep each search to one or two partitions.
  LEFT JOIN LATERAL (
       SELECT * FROM system_metrics_history
        WHERE host_id = h.id
          AND ts BETWEEN h.last_seen_at - interval '1 min' AND h.last_seen_at + interval '1 min'
        ORDER BY ts DESC LIMIT 1
  ) AS s ON true
  LEFT JOIN LATERAL (
       SELECT * FROM infrastructure_health
        WHERE host_id = h.id AND component = 'machine' AND checked_at > now() - interval '5 min'
        ORDER BY checked_at DESC LIMIT 1
  ) AS c ON true
 CROSS JOIN LATERAL (
       SELECT count(*) FILTER (WHERE severity = 'warning') AS open_warnings,
              count(*) FILTER (WHERE severity = 'critical') AS open_criticals
         FROM infrastructure_alerts WHERE host_id = h.id AND resolved_at IS NULL
  ) AS a
 WHERE h.kind = 'host' AND h.retired_at IS NULL;

COMMENT ON VIEW v_current IS
    'Every watched machine as it is now: its newest sample, its health, its open alerts';
COMMENT ON COLUMN v_current.host IS 'Name of the host';
COMMENT ON COLUMN v_current.status IS 'healthy, degraded, unhealthy, or unknown without a sample for 15 s';
COMMENT ON COLUMN v_current.level IS 'What the score says: healthy, degraded, warning or critical';
COMMENT ON COLUMN v_current.score IS 'Health score from 0 to 100 at the newest check';
COMMENT ON COLUMN v_current.sample_at IS 'Slot of the newest sample';
COMMENT ON COLUMN v_current.silent_for IS 'How long ago the newest sample came';
COMMENT ON COLUMN v_current.cpu_percent IS 'CPU in use, percent of all cores';
COMMENT ON COLUMN v_current.load_1m IS 'Load average over 1 minute';
COMMENT ON COLUMN v_current.cpu_count IS 'Logical CPUs';
COMMENT ON COLUMN v_current.memory_percent IS 'Memory in use, percent of total';
COMMENT ON COLUMN v_current.memory_used_gb IS 'Memory in use, GB of 2^30';
COMMENT ON COLUMN v_current.memory_total_gb IS 'Physical memory, GB of 2^30';
COMMENT ON COLUMN v_current.swap_percent IS 'Swap in use, percent';
COMMENT ON COLUMN v_current.disk_percent IS 'In use on all real partitions, percent';
COMMENT ON COLUMN v_current.disk_used_gb IS 'In use on all real partitions, GB of 2^30';
COMMENT ON COLUMN v_current.disk_free_gb IS 'Available to users on all real partitions, GB of 2^30';
COMMENT ON COLUMN v_current.network_bytes_in_per_s IS 'Bytes received per second';
COMMENT ON COLUMN v_current.network_bytes_out_per_s IS 'Bytes sent per second';
COMMENT ON COLUMN v_current.connections IS 'TCP sockets in use';
COMMENT ON COLUMN v_current.uptime IS 'Time since boot';
COMMENT ON COLUMN v_current.open_warnings IS 'Open alerts that are warnings';
COMMENT ON COLUMN v_current.open_criticals IS 'Open alerts that are critical';

CREATE VIEW v_history_hourly AS
SELECT h.name AS host, m.name AS metric, m.type, m.unit, a.subject, a.bucket AS hour,
       a.min, a.avg, a.median, a.p95, a.p99, a.max, a.stddev, a.sum,
       a.count, a.expected, round(100.0 * a.count / a.expected, 1) AS complete_percent, a.final,
       CASE WHEN a.from_raw THEN 'raw' ELSE 'hours' END AS source
  FROM metric_aggregations AS a
  JOIN hosts AS h ON h.id = a.host_id
  JOIN metrics AS m ON m.id = a.metric_id
 WHERE a.period = 'hour';

CREATE VIEW v_history_daily AS
SELECT h.name AS host, m.name AS metric, m.type, m.unit, a.subject, a.bucket AS day,
       a.min, a.avg, a.median, a.p95, a.p99, a.max, a.stddev, a.sum,
       a.count, a.expected, round(100.0 * a.count / a.expected, 1) AS complete_percent, a.final,
       CASE WHEN a.from_raw THEN 'raw' ELSE 'hours' END AS source
  FROM metric_aggregations AS a
  JOIN hosts AS h ON h.id = a.host_id
  JOIN metrics AS m ON m.id = a.metric_id
 WHERE a.period = 'day';

COMMENT ON VIEW v_history_hourly IS 'Every metric of every host, hour by hour';
COMMENT ON COLUMN v_history_hourly.host IS 'Name of the host';
COMMENT ON COLUMN v_history_hourly.metric IS 'Name of the metric, as cpu_percent';
COMMENT ON COLUMN v_history_hourly.type IS 'What the metric is about';
COMMENT ON COLUMN v_history_hourly.unit IS 'Unit of the values';
COMMENT ON COLUMN v_history_hourly.subject IS 'Which one of several, as a mount; empty where there is one';
COMMENT ON COLUMN v_history_hourly.hour IS 'Start of the hour in UTC';
COMMENT ON COLUMN v_history_hourly.min IS 'Smallest value';
COMMENT ON COLUMN v_history_hourly.avg IS 'Mean';
COMMENT ON COLUMN v_history_hourly.median IS 'Median, interpolated';
COMMENT ON COLUMN v_history_hourly.p95 IS '95th percentile, interpolated';
COMMENT ON COLUMN v_history_hourly.p99 IS '99th percentile, interpolated';
COMMENT ON COLUMN v_history_hourly.max IS 'Largest value';
COMMENT ON COLUMN v_history_hourly.stddev IS 'Sample standard deviation, null for one value';
COMMENT ON COLUMN v_history_hourly.sum IS 'Sum of the values';
COMMENT ON COLUMN v_history_hourly.count IS 'Values that there were';
COMMENT ON COLUMN v_history_hourly.expected IS 'Values that a complete hour has';
COMMENT ON COLUMN v_history_hourly.complete_percent IS 'Values that there were, of those expected';
COMMENT ON COLUMN v_history_hourly.final IS 'False while the hour lasts';
COMMENT ON COLUMN v_history_hourly.source IS 'What it was computed from: raw, always';

COMMENT ON VIEW v_history_daily IS 'Every metric of every host, day by day';
COMMENT ON COLUMN v_history_daily.host IS 'Name of the host';
COMMENT ON COLUMN v_history_daily.metric IS 'Name of the metric, as cpu_percent';
COMMENT ON COLUMN v_history_daily.type IS 'What the metric is about';
COMMENT ON COLUMN v_history_daily.unit IS 'Unit of the values';
COMMENT ON COLUMN v_history_daily.subject IS 'Which one of several, as a mount; empty where there is one';
COMMENT ON COLUMN v_history_daily.day IS 'Start of the day in UTC';
COMMENT ON COLUMN v_history_daily.min IS 'Smallest value';
COMMENT ON COLUMN v_history_daily.avg IS 'Mean';
COMMENT ON COLUMN v_history_daily.median IS 'Median, interpolated; null when from hours';
COMMENT ON COLUMN v_history_daily.p95 IS '95th percentile, interpolated; null when from hours';
COMMENT ON COLUMN v_history_daily.p99 IS '99th percentile, interpolated; null when from hours';
COMMENT ON COLUMN v_history_daily.max IS 'Largest value';
COMMENT ON COLUMN v_history_daily.stddev IS 'Sample standard deviation, null for one value';
COMMENT ON COLUMN v_history_daily.sum IS 'Sum of the values';
COMMENT ON COLUMN v_history_daily.count IS 'Values that there were';
COMMENT ON COLUMN v_history_daily.expected IS 'Values that a complete day has';
COMMENT ON COLUMN v_history_daily.complete_percent IS 'Values that there were, of those expected';
COMMENT ON COLUMN v_history_daily.final IS 'False while the day lasts';
COMMENT ON COLUMN v_history_daily.source IS
    'What it was computed from: raw; or hours, without percentiles, when raw rows were gone';

CREATE VIEW v_alert_timeline AS
SELECT e.at, h.name AS host, a.component, a.rule, a.id AS alert_id,
       coalesce(a.incident_id, a.id) AS incident_id, e.seq, e.kind, e.severity,
       e.value, e.threshold, a.unit, e.actor, e.reason, e.at - a.opened_at AS after, a.is_drill
  FROM alert_events AS e
  JOIN infrastructure_alerts AS a ON a.id = e.alert_id
  JOIN hosts AS h ON h.id = a.host_id;

COMMENT ON VIEW v_alert_timeline IS 'What happened to alerts, change by change';
COMMENT ON COLUMN v_alert_timeline.at IS 'When it happened';
COMMENT ON COLUMN v_alert_timeline.host IS 'Name of the host';
COMMENT ON COLUMN v_alert_timeline.component IS 'cpu, memory, disk:/mount, host, database, redis';
COMMENT ON COLUMN v_alert_timeline.rule IS 'Name of the rule';
COMMENT ON COLUMN v_alert_timeline.alert_id IS 'The alert';
COMMENT ON COLUMN v_alert_timeline.incident_id IS 'First alert of the incident';
COMMENT ON COLUMN v_alert_timeline.seq IS '1, 2, 3 … within the alert';
COMMENT ON COLUMN v_alert_timeline.kind IS 'What happened, as opened or resolved';
COMMENT ON COLUMN v_alert_timeline.severity IS 'Severity after it';
COMMENT ON COLUMN v_alert_timeline.value IS 'Value at that moment, in unit';
COMMENT ON COLUMN v_alert_timeline.threshold IS 'Threshold in force, in unit';
COMMENT ON COLUMN v_alert_timeline.unit IS 'Unit of value and threshold';
COMMENT ON COLUMN v_alert_timeline.actor IS 'Who or what did it';
COMMENT ON COLUMN v_alert_timeline.reason IS 'Why, in one sentence';
COMMENT ON COLUMN v_alert_timeline.after IS 'Time since the alert opened';
COMMENT ON COLUMN v_alert_timeline.is_drill IS 'Whether somebody rang the bell to try it';

CREATE VIEW v_alert_stats AS
SELECT (a.opened_at AT TIME ZONE 'UTC')::date AS day, h.name AS host, a.component, a.rule,
       count(*) AS alerts,
       count(DISTINCT coalesce(a.incident_id, a.id)) AS incidents,
       count(*) FILTER (WHERE e.critical) AS criticals,
       count(a.acknowledged_at) AS acknowledged,
       count(*) FILTER (WHERE a.resolved_at IS NULL) AS open_now,
       avg(a.acknowledged_at - a.opened_at) AS mean_to_acknowledge,
       avg(a.resolved_at - a.opened_at) AS mean_to_resolve,
       max(coalesce(a.resolved_at, now()) - a.opened_at) AS longest,
       sum(d.delivered) AS messages
  FROM infrastructure_alerts AS a
  JOIN hosts AS h ON h.id = a.host_id
 CROSS JOIN LATERAL (
       SELECT coalesce(bool_or(severity = 'critical'), false) AS critical
         FROM alert_events WHERE alert_id = a.id
  ) AS e
 CROSS JOIN LATERAL (
       SELECT count(*) AS delivered FROM notification_deliveries WHERE alert_id = a.id AND state = 'delivered'
  ) AS d
 WHERE NOT a.is_drill
 GROUP BY 1, 2, 3, 4;

COMMENT ON VIEW v_alert_stats IS
    'How often and how long, by day of opening (UTC), host, component and rule; no drills';
COMMENT ON COLUMN v_alert_stats.day IS 'Day on which the alerts opened, in UTC';
COMMENT ON COLUMN v_alert_stats.host IS 'Name of the host';
COMMENT ON COLUMN v_alert_stats.component IS 'cpu, memory, disk:/mount, host, database, redis';
COMMENT ON COLUMN v_alert_stats.rule IS 'Name of the rule';
COMMENT ON COLUMN v_alert_stats.alerts IS 'Alerts that opened';
COMMENT ON COLUMN v_alert_stats.incidents IS 'Incidents that they belong to';
COMMENT ON COLUMN v_alert_stats.criticals IS 'Alerts that were critical at some time';
COMMENT ON COLUMN v_alert_stats.acknowledged IS 'Alerts that somebody took';
COMMENT ON COLUMN v_alert_stats.open_now IS 'Alerts that are still open';
COMMENT ON COLUMN v_alert_stats.mean_to_acknowledge IS 'Mean time until somebody took them';
COMMENT ON COLUMN v_alert_stats.mean_to_resolve IS 'Mean time until they were over';
COMMENT ON COLUMN v_alert_stats.longest IS 'Longest that one lasted, or has lasted so far';
COMMENT ON COLUMN v_alert_stats.messages IS 'Messages about them that were delivered';

CREATE VIEW v_deliveries AS
SELECT d.id, d.created_at, h.name AS host, a.component, a.rule, d.alert_id, d.incident_id,
       d.destination, d.step, d.kind, d.severity, d.state, d.reason, d.due_at, d.finished_at,
       d.finished_at - d.created_at AS took, d.attempts, t.answer AS last_answer, d.summary
  FROM notification_deliveries AS d
  JOIN infrastructure_alerts AS a ON a.id = d.alert_id
  JOIN hosts AS h ON h.id = a.host_id
  LEFT JOIN LATERAL (
       SELECT answer FROM notification_attempts WHERE delivery_id = d.id ORDER BY id DESC LIMIT 1
  ) AS t ON true;

COMMENT ON VIEW v_deliveries IS
    'Every message, sent or not, with its alert and its last attempt; without addresses';
COMMENT ON COLUMN v_deliveries.id IS 'The delivery';
COMMENT ON COLUMN v_deliveries.created_at IS 'When it was planned';
COMMENT ON COLUMN v_deliveries.host IS 'Name of the host';
COMMENT ON COLUMN v_deliveries.component IS 'cpu, memory, disk:/mount, host, database, redis';
COMMENT ON COLUMN v_deliveries.rule IS 'Name of the rule';
COMMENT ON COLUMN v_deliveries.alert_id IS 'The alert';
COMMENT ON COLUMN v_deliveries.incident_id IS 'First alert of the incident';
COMMENT ON COLUMN v_deliveries.destination IS 'Name of the destination';
COMMENT ON COLUMN v_deliveries.step IS 'Escalation step, 0 for the first';
COMMENT ON COLUMN v_deliveries.kind IS 'Kind of the event';
COMMENT ON COLUMN v_deliveries.severity IS 'Severity that the message speaks of';
COMMENT ON COLUMN v_deliveries.state IS 'pending, sending, delivered, superseded or dead';
COMMENT ON COLUMN v_deliveries.reason IS 'Why it is in that state, in one sentence';
COMMENT ON COLUMN v_deliveries.due_at IS 'Not to be sent before this moment';
COMMENT ON COLUMN v_deliveries.finished_at IS 'When it ended, whichever way';
COMMENT ON COLUMN v_deliveries.took IS 'Time from plan to end';
COMMENT ON COLUMN v_deliveries.attempts IS 'How often it was tried';
COMMENT ON COLUMN v_deliveries.last_answer IS 'What the other side said last, without secrets';
COMMENT ON COLUMN v_deliveries.summary IS 'First line of the message, as it was sent';

CREATE VIEW v_rollup_gaps AS
WITH days AS (
    SELECT DISTINCT to_date(right(child.relname, 8), 'YYYYMMDD')::timestamp AT TIME ZONE 'UTC' AS day
      FROM pg_inherits AS link
      JOIN pg_class AS child ON child.oid = link.inhrelid
     WHERE link.inhparent IN ('system_metrics_history'::regclass, 'system_metrics_packed'::regclass)
), windows AS (
    SELECT 'hour' AS period, day + hour * interval '1 hour' AS bucket, interval '1 hour' AS length
      FROM days, generate_series(0, 23) AS hour
     UNION ALL
    SELECT 'day', day, interval '24 hours' FROM days
)
SELECT w.period, w.bucket, NULL::text AS host, 'not rolled up' AS problem, NULL::integer AS count,
       NULL::integer AS expected
  FROM windows AS w
 -- Two hours: the run after the end of a window, and one that may fail.
 WHERE w.bucket + w.length + interval '2 hours' <= now()
   AND NOT EXISTS (
       SELECT FROM rollup_windows AS r WHERE r.period = w.period AND r.bucket = w.bucket AND r.final
   )
 UNION ALL
SELECT period, bucket, NULL, 'late samples wait for the next run', NULL, NULL FROM rollup_dues GROUP BY 1, 2
 UNION ALL
SELECT a.period, a.bucket, h.name, 'samples are missing', a.count, a.expected
  FROM metric_aggregations AS a
  JOIN hosts AS h ON h.id = a.host_id
  JOIN metrics AS m ON m.id = a.metric_id
 WHERE m.name = 'uptime_s' AND a.final AND a.count < a.expected;

COMMENT ON VIEW v_rollup_gaps IS
    'Hours and days that are not rolled up, wait for late samples, or lack samples';
COMMENT ON COLUMN v_rollup_gaps.period IS 'hour or day';
COMMENT ON COLUMN v_rollup_gaps.bucket IS 'Start of the hour or day in UTC';
COMMENT ON COLUMN v_rollup_gaps.host IS 'The host whose samples are missing; null where it is about all';
COMMENT ON COLUMN v_rollup_gaps.problem IS 'What is the matter';
COMMENT ON COLUMN v_rollup_gaps.count IS 'Samples that there were';
COMMENT ON COLUMN v_rollup_gaps.expected IS 'Samples that a complete hour or day has';

CREATE VIEW v_storage AS
WITH leaves AS (
    SELECT coalesce(link.inhparent, c.oid) AS parent, c.oid, c.reltuples,
           CASE WHEN c.relispartition THEN to_date(right(c.relname, 8), 'YYYYMMDD') END AS day
      FROM pg_class AS c
      LEFT JOIN pg_inherits AS link ON link.inhrelid = c.oid
     WHERE c.relkind = 'r'
       AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'hosts'::regclass)
)
SELECT t.relname::text AS "table",
       count(l.day) AS partitions,
       min(l.day) AS first_day,
       max(l.day) AS last_day,
       coalesce(sum(greatest(l.reltuples, 0)), 0)::bigint AS estimated_rows,
       coalesce(sum(pg_table_size(l.oid)), 0)::bigint AS table_bytes,
       coalesce(sum(pg_indexes_size(l.oid)), 0)::bigint AS index_bytes,
       coalesce(sum(pg_total_relation_size(l.oid)), 0)::bigint AS total_bytes,
       pg_size_pretty(coalesce(sum(pg_total_relation_size(l.oid)), 0)) AS total
  FROM pg_class AS t
  LEFT JOIN leaves AS l ON l.parent = t.oid
 WHERE t.relkind IN ('r', 'p') AND NOT t.relispartition
   AND t.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'hosts'::regclass)
 GROUP BY t.relname;

COMMENT ON VIEW v_storage IS
    'What each table takes, its partitions and indexes counted in';
COMMENT ON COLUMN v_storage."table" IS 'Name of the table';
COMMENT ON COLUMN v_storage.partitions IS 'Daily partitions, 0 for a table without';
COMMENT ON COLUMN v_storage.first_day IS 'Day of the oldest partition, in UTC';
COMMENT ON COLUMN v_storage.last_day IS 'Day of the newest partition, in UTC';
COMMENT ON COLUMN v_storage.estimated_rows IS 'Rows at the last ANALYZE or VACUUM';
COMMENT ON COLUMN v_storage.table_bytes IS 'Bytes of rows, their large values and maps';
COMMENT ON COLUMN v_storage.index_bytes IS 'Bytes of indexes';
COMMENT ON COLUMN v_storage.total_bytes IS 'Bytes altogether';
COMMENT ON COLUMN v_storage.total IS 'The same, to be read';
